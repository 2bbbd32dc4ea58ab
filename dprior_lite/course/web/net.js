// A plain 3x3 convolutional network: weights from base64, forward pass, noise from a seed, PSNR, pictures on canvases.
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

  // y (H, W) as (u*u, H/u, W/u): every block of u x u pixels becomes one pixel of as many channels.
  function unshuffled(y, H, W, u) {
    return y.map(function (_, p) {
      var w = W / u, plane = H * w / u, c = Math.floor(p / plane), row = Math.floor(p % plane / w), column = p % w;
      return y[(row * u + Math.floor(c / u)) * W + column * u + c % u];
    });
  }

  // The way back: x (u*u, h, w) as (h*u, w*u).
  function shuffled(x, h, w, u) {
    var W = w * u;
    return x.map(function (_, p) {
      var row = Math.floor(p / W), column = p % W, c = row % u * u + column % u;
      return x[(c * h + Math.floor(row / u)) * w + Math.floor(column / u)];
    });
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

  // Nearly all the time goes by here. Two of the three columns under the kernel stay in variables from pixel to pixel.
  function accumulate(plane, x, H, W, w) {
    var P = W + 2, a = w[0], b = w[1], c = w[2], d = w[3], e = w[4], f = w[5], g = w[6], h = w[7], k = w[8];
    for (var row = 0; row < H; row++) {
      var o = row * W, p = row * P, q = p + P, r = q + P;
      var p0 = x[p], p1 = x[p + 1], q0 = x[q], q1 = x[q + 1], r0 = x[r], r1 = x[r + 1];
      for (var column = 0; column < W; column++) {
        var p2 = x[p + 2 + column], q2 = x[q + 2 + column], r2 = x[r + 2 + column];
        plane[o + column] += a * p0 + b * p1 + c * p2 + d * q0 + e * q1 + f * q2 + g * r0 + h * r1 + k * r2;
        p0 = p1;
        p1 = p2;
        q0 = q1;
        q1 = q2;
        r0 = r1;
        r1 = r2;
      }
    }
  }

  // y (H, W) on its way through a network, one layer a step; outputs[k + 1] is what layer k gave.
  function Pass(net, y, H, W) {
    var u = net.unshuffle, h = H / u, w = W / u, outputs = [unshuffled(y, H, W, u)];
    return {
      outputs: outputs,
      left: function () { return net.layers.length + 1 - outputs.length; },
      step: function () { outputs.push(convolve(outputs[outputs.length - 1], h, w, net.layers[outputs.length - 1])); },
      // Layers that estimate the noise (residual) are subtracted from y.
      result: function () {
        var x = shuffled(outputs[outputs.length - 1], h, w, u);
        return net.residual ? y.map(function (value, p) { return value - x[p]; }) : x;
      },
    };
  }

  // x_hat of y (H, W), at once.
  function forward(net, y, H, W) {
    var pass = Pass(net, y, H, W);
    while (pass.left()) pass.step();
    return pass.result();
  }

  // The same in pieces of a few milliseconds, so that the page answers in between; dropped once it is no longer wanted().
  function slowly(net, y, H, W, wanted, done) {
    var pass = Pass(net, y, H, W);
    function go() {
      if (!wanted()) return;
      if (!pass.left()) return done(pass.result(), pass.outputs);
      pass.step();
      setTimeout(go, 0);
    }
    setTimeout(go, 0);
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
    return {residual: net.residual, unshuffle: net.unshuffle, layers: net.layers.map(function (layer) {
      return {inputs: layer.inputs, outputs: layer.outputs, relu: layer.relu, weight: floats(layer.weight, layer.half),
              bias: layer.bias ? floats(layer.bias, layer.half) : null};
    })};
  }

  // A clean picture as it travels, 8 bits a pixel.
  function picture(text) {
    return Float32Array.from(bytes(text), function (value) { return value / 255; });
  }

  // The picture with noise of sigma/255 from a seed.
  function noisy(clean, sigma, seed) {
    var z = noise(seed, clean.length);
    return clean.map(function (value, p) { return value + sigma / 255 * z[p]; });
  }

  // Pixels on a canvas, colour(value) -> [red, green, blue]; what is not a number stays transparent.
  function paint(canvas, values, colour) {
    var ctx = canvas.getContext("2d"), image = ctx.createImageData(canvas.width, canvas.height);
    values.forEach(function (value, p) {
      if (isNaN(value)) return;
      image.data.set(colour(value), 4 * p);
      image.data[4 * p + 3] = 255;
    });
    ctx.putImageData(image, 0, 0);
  }

  function grey(value) {
    var shade = 255 * Math.max(0, Math.min(1, value));
    return [shade, shade, shade];
  }

  // A grey picture in its panel, with a text under it and for those who do not see it.
  function show(panel, values, text) {
    var canvas = panel.querySelector("canvas");
    paint(canvas, values, grey);
    panel.querySelector("b").textContent = text;
    canvas.setAttribute("aria-label", panel.dataset.name + (text ? ", " + text : ""));
  }

  function decibels(value) {
    return (isFinite(value) ? value.toFixed(1) : "\u221e") + " dB";
  }

  return {bytes: bytes, floats: floats, convolve: convolve, shuffled: shuffled, forward: forward, slowly: slowly, noise: noise,
          psnr: psnr, decode: decode, picture: picture, noisy: noisy, paint: paint, show: show, decibels: decibels};
})();
