// One noise level in four units: whichever is typed or slid, the others and the picture follow.
DPrior.kinds.noisescale = function (root, data) {
  "use strict";
  var D = DPrior, N = D.net, variance = {
    t: function (v) { return v; },
    sigma: function (v) { return v > 0 ? v * v : NaN; },
    scaled: function (v) { return v > 0 ? v * v / 65025 : NaN; },
    decibels: function (v) { return Math.pow(10, -v / 10); },
  }, of = {
    t: function (t) { return t; },
    sigma: Math.sqrt,
    scaled: function (t) { return 255 * Math.sqrt(t); },
    decibels: function (t) { return -10 * Math.log10(t); },
  };
  var slider = root.querySelector("input[type=range]"), output = root.querySelector("output"), live = root.querySelector(".dp-live");
  var refused = root.querySelector(".dp-refused");
  var fields = Array.from(root.querySelectorAll("[data-unit]")), panels = root.querySelectorAll(".dp-panel");
  var clean = N.picture(data.picture), t;

  function text(unit, level) { return String(Number(of[unit](level || t).toPrecision(4))); }
  var paint = D.soon(function () {
    N.show(panels[0], N.noisy(clean, of.scaled(t), data.seed), "");
    panels[0].querySelector("canvas").setAttribute("aria-label", "noisy, sigma " + text("sigma"));
  });
  // The field in which the reader types keeps what was typed.
  function set(value, typed) {
    t = value;
    refused.textContent = "";
    fields.forEach(function (field) {
      field.removeAttribute("aria-invalid");
      if (field !== typed) field.value = text(field.dataset.unit);
    });
    if (typed !== slider) slider.value = Math.round(of.decibels(t)) - data.least;
    output.textContent = Number(of.decibels(t).toFixed(1)) + " dB";
    slider.setAttribute("aria-valuetext", text("decibels") + " decibels");
    live.textContent = typed === slider ? "" : "t " + text("t") + ", sigma " + text("sigma") + ", " + text("decibels") + " decibels";
    paint();
  }

  slider.addEventListener("input", function () { set(variance.decibels(Number(slider.value) + data.least), slider); });
  fields.forEach(function (field) {
    field.addEventListener("input", function () {
      var typed = field.value.trim().replace(",", ".").replace("\u2212", "-");
      var number = typed === "" ? NaN : Number(typed), value = variance[field.dataset.unit](number);
      if (value >= variance.decibels(data.most) * (1 - 1e-9) && value <= variance.decibels(data.least) * (1 + 1e-9)) {
        return set(value, field);
      }
      field.setAttribute("aria-invalid", "true");
      refused.textContent = isNaN(number) ? "A number, please, such as 0.5 or 0,5." : "This scale goes from " +
        text(field.dataset.unit, variance.decibels(data.most)) + " to " + text(field.dataset.unit, variance.decibels(data.least)) + " here.";
    });
  });
  root.querySelector(".dp-controls").hidden = false;
  root.querySelector(".dp-static").hidden = true;
  N.show(panels[1], clean, "");
  set(variance.decibels(data.start), null);
};
