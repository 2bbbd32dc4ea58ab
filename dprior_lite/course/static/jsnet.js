// Noise on a slider, denoised in the page: the noisy picture at once, then one network after the other.
DPrior.kinds.jsnet = function (root, data) {
  "use strict";
  var D = DPrior, N = D.net, H = data.height, W = data.width;
  var slider = root.querySelector("input[type=range]"), output = root.querySelector("output");
  var live = root.querySelector(".dp-live"), panels = Array.from(root.querySelectorAll(".dp-panel"));
  var clean = Float32Array.from(N.bytes(data.picture), function (value) { return value / 255; });
  var nets = data.nets.map(N.decode), seed = data.seed, turn = 0;

  function show(panel, picture, text) {
    var canvas = panel.querySelector("canvas"), ctx = canvas.getContext("2d"), image = ctx.createImageData(W, H);
    picture.forEach(function (value, p) {
      image.data.fill(255 * Math.max(0, Math.min(1, value)), 4 * p, 4 * p + 3);
      image.data[4 * p + 3] = 255;
    });
    ctx.putImageData(image, 0, 0);
    panel.querySelector("b").textContent = text;
    canvas.setAttribute("aria-label", panel.dataset.name + (text ? ", " + text : ""));
  }

  function decibels(picture) {
    var value = N.psnr(picture, clean);
    return (isFinite(value) ? value.toFixed(1) : "\u221e") + " dB";
  }

  function run() {
    var sigma = data.sigmas[slider.value], mine = ++turn, said = [];
    var z = N.noise(seed, H * W), y = clean.map(function (value, p) { return value + sigma / 255 * z[p]; });
    show(panels[0], y, decibels(y));
    said.push("noisy " + decibels(y));
    function next(i) {
      if (mine !== turn) return;
      if (i === nets.length) {
        live.textContent = "sigma " + sigma + "/255: " + said.join(", ");
        root.dataset.turn = mine;
        return;
      }
      var x = N.forward(nets[i], y, H, W);
      show(panels[i + 1], x, decibels(x));
      said.push(panels[i + 1].dataset.name + " " + decibels(x));
      setTimeout(next, 0, i + 1);
    }
    setTimeout(next, 0, 0);
  }

  var soon = D.soon(run);
  function moved() {
    output.textContent = data.sigmas[slider.value] + "/255";
    slider.setAttribute("aria-valuetext", data.sigmas[slider.value] + " over 255");
    soon();
  }
  slider.addEventListener("input", moved);
  root.querySelector("[data-noise]").addEventListener("click", function () { seed += 1; soon(); });
  root.querySelector(".dp-controls").hidden = false;
  root.querySelector(".dp-static").hidden = true;
  show(panels[panels.length - 1], clean, "");
  moved();
};
