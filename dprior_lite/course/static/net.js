// A plain 3x3 convolutional network: weights from base64, forward pass, noise from a seed, PSNR.
window.DPrior.net = (function () {
  "use strict";
  function bytes(text) {
    return Uint8Array.from(atob(text), function (c) { return c.charCodeAt(0); });
  }

  function halfToNumber(h) {
    var sign = h & 0x8000 ? -1 : 1, exponent = (h >> 10) & 31, fraction = h & 1023;
    if (exponent === 0) return sign * fraction * Math.pow(2, -24);
    return sign * (1 + fraction / 1024) * Math.pow(2, exponent - 15);
  }

  // Little-endian float16 or float32.
  function floats(text, half) {
    var raw = bytes(text);
    return half ? Float32Array.from(new Uint16Array(raw.buffer), halfToNumber) : new Float32Array(raw.buffer);
  }

  // One layer: x (I, H, W) to (O, H, W), zeros outside the picture.
  function convolve(x, H, W, layer) {
    var I = layer.inputs, O = layer.outputs, P = W + 2, padded = new Float32Array(I * (H + 2) * P);
    for (var row = 0; row < I * H; row++) {
      padded.set(x.subarray(row * W, (row + 1) * W), (row + 2 * Math.floor(row / H) + 1) * P + 1);
    }
    var out = new Float32Array(O * H * W);
    for (var o = 0; o < O; o++) {
      var plane = out.subarray(o * H * W, (o + 1) * H * W);
      if (layer.bias) plane.fill(layer.bias[o]);
      for (var i = 0; i < I; i++) accumulate(plane, padded.subarray(i * (H + 2) * P, (i + 1) * (H + 2) * P), H, W,
                                             layer.weight.subarray((o * I + i) * 9, (o * I + i) * 9 + 9));
      if (layer.relu) for (var p = 0; p < plane.length; p++) if (plane[p] < 0) plane[p] = 0;
    }
    return out;
  }

  function accumulate(plane, x, H, W, w) {
    var P = W + 2, a = w[0], b = w[1], c = w[2], d = w[3], e = w[4], f = w[5], g = w[6], h = w[7], k = w[8];
    for (var row = 0; row < H; row++) {
      for (var column = 0; column < W; column++) {
        var p = row * P + column, q = p + P, r = q + P;
        plane[row * W + column] += a * x[p] + b * x[p + 1] + c * x[p + 2] + d * x[q] + e * x[q + 1] + f * x[q + 2] +
          g * x[r] + h * x[r + 1] + k * x[r + 2];
      }
    }
  }

  // x_hat of y (H, W); layers that estimate the noise (residual) are subtracted from y.
  function forward(net, y, H, W) {
    var x = net.layers.reduce(function (x, layer) { return convolve(x, H, W, layer); }, y);
    return net.residual ? y.map(function (value, p) { return value - x[p]; }) : x;
  }

  // n standard normal numbers, the same for a seed on every machine (mulberry32 and Box-Muller).
  function noise(seed, n) {
    var state = seed >>> 0, z = new Float32Array(n);
    function uniform() {
      state = (state + 0x6d2b79f5) >>> 0;
      var t = Math.imul(state ^ (state >>> 15), state | 1);
      t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
      return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
    }
    for (var i = 0; i < n; i++) z[i] = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return z;
  }

  // Peak 1, both pictures clipped to [0, 1], as everywhere in the course.
  function psnr(a, b) {
    var clip = function (v) { return Math.max(0, Math.min(1, v)); };
    var sum = a.reduce(function (sum, value, p) { return sum + Math.pow(clip(value) - clip(b[p]), 2); }, 0);
    return -10 * Math.log10(sum / a.length);
  }

  function decode(net) {
    return {residual: net.residual, layers: net.layers.map(function (layer) {
      return {inputs: layer.inputs, outputs: layer.outputs, relu: layer.relu, weight: floats(layer.weight, net.half),
              bias: layer.bias ? floats(layer.bias, net.half) : null};
    })};
  }

  return {bytes: bytes, floats: floats, forward: forward, noise: noise, psnr: psnr, decode: decode};
})();
