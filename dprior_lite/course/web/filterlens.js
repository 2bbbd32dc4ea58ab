// The filter under the pointer: a row of the Jacobian by back-propagation through the ReLUs that are open at the noisy picture.
(function (D) {
  "use strict";
  var N = D.net, BLUE = [33, 102, 172], RED = [178, 24, 43];

  // A layer that carries gradients back: inputs and outputs change places, kernels are turned by 180 degrees.
  function turned(layer) {
    var I = layer.inputs, O = layer.outputs;
    return {inputs: O, outputs: I, relu: false, bias: null, weight: layer.weight.map(function (_, p) {
      return layer.weight[((Math.floor(p / 9) % O) * I + Math.floor(p / 9 / O)) * 9 + 8 - p % 9];
    })};
  }

  // A window (C, n, n) with a border of zeros.
  function grown(g, n) {
    var m = n + 2, wide = new Float32Array(g.length / (n * n) * m * m);
    for (var row = 0; row < g.length / n; row++) {
      wide.set(g.subarray(row * n, (row + 1) * n), (row + 2 * Math.floor(row / n) + 1) * m + 1);
    }
    return wide;
  }

  // Zero in a window (C, n, n) around (r, s) what lies outside the picture, and what a closed ReLU does not let through.
  function close(g, n, r, s, h, w, open) {
    for (var p = 0; p < g.length; p++) {
      var c = Math.floor(p / (n * n)), row = r - (n - 1) / 2 + Math.floor(p / n) % n, column = s - (n - 1) / 2 + p % n;
      if (row < 0 || row >= h || column < 0 || column >= w || (open && !(open[(c * h + row) * w + column] > 0))) g[p] = 0;
    }
  }

  // d x_hat[pixel] / dy within the receptive field: {top, left, side, weights (side, side)}; nothing outside it matters.
  // `back` are the turned layers, `outputs` what N.slowly kept: the window grows by one on every side at each layer.
  function row(net, back, outputs, H, W, pixel) {
    var u = net.unshuffle, h = H / u, w = W / u, r = Math.floor(pixel[0] / u), s = Math.floor(pixel[1] / u), n = 1;
    var g = new Float32Array(u * u);
    g[pixel[0] % u * u + pixel[1] % u] = net.residual ? -1 : 1;
    for (var k = back.length - 1; k >= 0; k--) {
      close(g, n, r, s, h, w, net.layers[k].relu && outputs[k + 1]);
      g = N.convolve(grown(g, n), n + 2, n + 2, back[k]);
      n += 2;
    }
    close(g, n, r, s, h, w, null);
    var side = n * u, top = (r - back.length) * u, left = (s - back.length) * u, weights = N.shuffled(g, n, n, u);
    if (net.residual) weights[(pixel[0] - top) * side + pixel[1] - left] += 1;
    return {top: top, left: left, side: side, weights: weights};
  }

  // What is said about a row: sums over all of its weights, wherever they are.
  function measured(filter, y, H, W, pixel, reach) {
    var sum = 0, product = 0, squares = 0, spread = 0, near = 0, edge = false;
    filter.weights.forEach(function (weight, p) {
      var r = filter.top + Math.floor(p / filter.side), s = filter.left + p % filter.side, dr = r - pixel[0], ds = s - pixel[1];
      if (r < 0 || r >= H || s < 0 || s >= W) {
        edge = true;
        return;
      }
      sum += weight;
      product += weight * y[r * W + s];
      squares += weight * weight;
      spread += weight * weight * (dr * dr + ds * ds);
      if (Math.abs(dr) <= reach && Math.abs(ds) <= reach) near += weight * weight;
    });
    return {sum: sum, product: product, radius: Math.sqrt(spread / squares), share: near / squares, edge: edge};
  }

  // The neighbourhood of a pixel, (2 reach + 1) squared, read by value(row, column); NaN outside the picture.
  function around(pixel, reach, H, W, value) {
    var side = 2 * reach + 1;
    return Float32Array.from({length: side * side}, function (_, p) {
      var r = pixel[0] - reach + Math.floor(p / side), s = pixel[1] - reach + p % side;
      return r < 0 || r >= H || s < 0 || s >= W ? NaN : value(r, s);
    });
  }

  // Blue, white at zero, red. Colour goes with the root of a weight (the bar under the filter says so): the weight of the pixel itself
  // is often ten times the others, which would all look white.
  function signed(scale) {
    return function (value) {
      var t = Math.sqrt(Math.min(1, Math.abs(value) / scale)), end = value < 0 ? BLUE : RED;
      return end.map(function (shade) { return 255 + t * (shade - 255); });
    };
  }

  function number(value, digits) { return value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "\u2212"); }
  function short(value) { return String(Number(value.toPrecision(2))); }

  // Follows the pointer; a click, a finger or a key keeps the pixel, to which the lens returns when the pointer leaves.
  function follow(canvas, H, W, start, changed) {
    var kept = start, shown = start;
    function within(value, side) { return Math.max(0, Math.min(side - 1, Math.floor(value))); }
    function look(pixel, keep) {
      if (keep) kept = pixel;
      if (pixel[0] === shown[0] && pixel[1] === shown[1]) return;
      shown = pixel;
      changed();
    }
    function under(event) {
      var box = canvas.getBoundingClientRect();
      return [within((event.clientY - box.top) / box.height * H, H), within((event.clientX - box.left) / box.width * W, W)];
    }
    canvas.addEventListener("pointerdown", function (event) {
      canvas.setPointerCapture(event.pointerId);
      look(under(event), true);
    });
    canvas.addEventListener("pointermove", function (event) { look(under(event), event.buttons > 0); });
    canvas.addEventListener("pointerleave", function () { look(kept, false); });
    canvas.addEventListener("dprior-move", function (event) {
      var size = event.detail.large ? 8 : 1, step = event.detail.step;
      look([within(shown[0] - size * step[1], H), within(shown[1] + size * step[0], W)], true);
    });
    return function () { return shown; };
  }

  // Spoken once the reader rests, not at every pixel.
  function Voice(element) {
    var waiting;
    return function (text) {
      clearTimeout(waiting);
      waiting = setTimeout(function () { element.textContent = text; }, 500);
    };
  }

  function place(mark, pixel, reach, H, W) {
    mark.style.top = 100 * (pixel[0] - reach) / H + "%";
    mark.style.left = 100 * (pixel[1] - reach) / W + "%";
    mark.style.height = 100 * (2 * reach + 1) / H + "%";
    mark.style.width = 100 * (2 * reach + 1) / W + "%";
  }

  D.lens = {turned: turned, row: row};

  D.kinds.filterlens = function (root, data) {
    var find = function (selector) { return root.querySelector(selector); };
    var all = function (selector) { return Array.from(root.querySelectorAll(selector)); };
    var H = data.height, W = data.width, reach = (data.window - 1) / 2, slider = find("input[type=range]"), panels = all(".dp-panel");
    var clean = N.picture(data.picture), net = N.decode(data.net), back = net.layers.map(turned), speak = Voice(find(".dp-live"));
    var seed = data.seed, turn = 0, busy = false, known = {}, state = null;
    var here = follow(find(".dp-pointed"), H, W, data.pixel, D.soon(focus));
    function quality(x) { return N.decibels(N.psnr(x, clean)); }

    function filter(pixel) {
      var found = row(net, back, state.outputs, H, W, pixel), told = measured(found, state.y, H, W, pixel, reach);
      var seen = around(pixel, reach, H, W, function (r, s) {
        var i = r - found.top, j = s - found.left;
        return i < 0 || i >= found.side || j < 0 || j >= found.side ? 0 : found.weights[i * found.side + j];
      });
      told.scale = seen.reduce(function (most, value) { return Math.max(most, Math.abs(value) || 0); }, 1e-12);
      N.paint(panels[2].querySelector("canvas"), seen, signed(told.scale));
      N.show(panels[3], around(pixel, reach, H, W, function (r, s) { return state.y[r * W + s]; }), "");
      return told;
    }

    function focus() {
      if (!state) return;
      var pixel = here(), told = filter(pixel), texts = {
        pixel: "(" + pixel.join(", ") + ")", sum: number(told.product, 4), output: number(state.x[pixel[0] * W + pixel[1]], 4),
        weights: number(told.sum, 3), radius: number(told.radius, 1) + " px", share: number(100 * told.share, 1) + " %",
        border: told.edge ? "At the border: zeros beyond the edge take part. " : "",
        low: "\u2212" + short(told.scale), lower: "\u2212" + short(told.scale / 4), zero: "0",
        higher: "+" + short(told.scale / 4), high: "+" + short(told.scale),
      };
      all("[data-show]").forEach(function (part) { part.textContent = texts[part.dataset.show]; });
      all(".dp-square").forEach(function (mark) { place(mark, pixel, reach, H, W); });
      all(".dp-cross").forEach(function (mark) { place(mark, pixel, 0, H, W); });
      var where = "row " + pixel[0] + ", column " + pixel[1];
      find(".dp-pointed").setAttribute("aria-label", "noisy picture, " + where + "; move with the arrow keys, with Shift by eight");
      panels[2].querySelector("canvas").setAttribute("aria-label", "filter at " + where + ", weights up to " + texts.high);
      speak(where + ": sum of weights times noisy pixels " + texts.sum + ", output pixel " + texts.output + ", sum of weights " +
            texts.weights + ", filter radius " + texts.radius + ". " + texts.border);
      root.dataset.shown = data.sigmas.indexOf(state.sigma) + ":" + pixel.join();
    }

    // Once begun a pass is finished, so that pictures follow a slider that never rests; then the slider is asked again.
    function work() {
      var k = Number(slider.value), sigma = data.sigmas[k], y = N.noisy(clean, sigma, seed), mine = turn;
      if (known[k]) return shown(known[k]);
      if (busy) return;
      busy = true;
      N.slowly(net, y, H, W, function () { return mine === turn; }, function (x, outputs) {
        busy = false;
        known[k] = {sigma: sigma, y: y, x: x, outputs: outputs};
        if (k === Number(slider.value)) shown(known[k]);
        else work();
      });
    }
    function shown(now) {
      state = now;
      N.show(panels[0], state.y, quality(state.y));
      N.show(panels[1], state.x, quality(state.x));
      focus();
    }
    var soon = D.soon(work);
    function moved() {
      var sigma = data.sigmas[slider.value];
      find("output").textContent = sigma + "/255";
      slider.setAttribute("aria-valuetext", sigma + " over 255");
      soon();
    }
    slider.addEventListener("input", moved);
    find("[data-noise]").addEventListener("click", function () {
      seed += 1;
      turn += 1;
      busy = false;
      known = {};
      soon();
    });
    all("[data-live]").forEach(function (part) { part.hidden = false; });
    find(".dp-static").hidden = true;
    moved();
  };
})(window.DPrior);
