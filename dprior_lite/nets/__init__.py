"""Networks: a denoiser maps a noisy picture y (B, C, H, W) to its estimate x_hat of the same shape."""
