// Noise on a slider, denoised in the page: the noisy picture at once, then one network after the other.
DPrior.kinds.jsnet = function (root, data) {
  "use strict";
  var D = DPrior, N = D.net, H = data.height, W = data.width;
  var slider = root.querySelector("input[type=range]"), output = root.querySelector("output");
  var live = root.querySelector(".dp-live"), panels = Array.from(root.querySelectorAll(".dp-panel"));
  var clean = N.picture(data.picture), nets = data.nets.map(N.decode), seed = data.seed, turn = 0;

  function run() {
    var sigma = data.sigmas[slider.value], mine = ++turn, said = [], y = N.noisy(clean, sigma, seed);
    function tell(panel, picture) {
      var quality = N.decibels(N.psnr(picture, clean));
      N.show(panel, picture, quality);
      said.push(panel.dataset.name + " " + quality);
    }
    function next(i) {
      if (i === nets.length) {
        live.textContent = "sigma " + sigma + "/255: " + said.join(", ");
        root.dataset.turn = mine;
        return;
      }
      N.slowly(nets[i], y, H, W, function () { return mine === turn; }, function (x) {
        tell(panels[i + 1], x);
        next(i + 1);
      });
    }
    tell(panels[0], y);
    next(0);
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
  N.show(panels[panels.length - 1], clean, "");
  moved();
};
