// What every figure of a page shares: starting, keys, numbers quoted from the page, the reader's own progress.
window.DPrior = window.DPrior || {kinds: {}};
(function (D) {
  "use strict";

  // Start every block of this key that is not started yet. JupyterLab runs scripts before it attaches an output: wait.
  D.start = function (kind, key, data, patience) {
    var roots = document.querySelectorAll('[data-dprior="' + key + '"]:not([data-ready])');
    roots.forEach(function (root) {
      root.setAttribute("data-ready", "");
      D.kinds[kind](root, data);
    });
    if (!roots.length && patience !== 0) {
      setTimeout(function () { D.start(kind, key, data, (patience || 40) - 1); }, 50);
    }
  };

  // The number a page measured: <span class="dprior-value" data-name="mi-2.value" data-value="0.083">.
  D.measured = function (name) {
    var found = document.querySelectorAll('.dprior-value[data-name="' + name + '"]');
    return found.length ? Number(found[found.length - 1].getAttribute("data-value")) : NaN;
  };

  D.format = function (value, how) {
    var parts = /^\.(\d+)([feg%])$/.exec(how || "");
    if (!parts) return String(value);
    var digits = Number(parts[1]);
    if (parts[2] === "f") return value.toFixed(digits);
    if (parts[2] === "e") return value.toExponential(digits);
    if (parts[2] === "%") return (100 * value).toFixed(digits) + "%";
    return String(Number(value.toPrecision(digits)));
  };

  // "{mi-2.value:.2f}" in a text becomes the number that the page measured.
  D.fill = function (text) {
    return text.replace(/\{([a-z]+-\d+\.\w+)(?::([^{}]*))?\}/g, function (_, name, how) {
      var value = D.measured(name);
      return isFinite(value) ? D.format(value, how) : "(run the page to see the number)";
    });
  };

  D.typeset = function (element) {
    if (window.MathJax && MathJax.typesetPromise) MathJax.typesetPromise([element]);
  };

  // A reader may have forbidden storage; then progress lasts as long as the page.
  D.store = {
    get: function (id) {
      try { return JSON.parse(localStorage.getItem("dprior:" + id)); } catch (error) { return null; }
    },
    set: function (id, value) {
      try { localStorage.setItem("dprior:" + id, JSON.stringify(value)); } catch (error) { return; }
    },
  };

  // Colours of a canvas come from the style sheet and change with the page's light or dark mode.
  D.colour = function (root, name) {
    return getComputedStyle(root).getPropertyValue("--dp-" + name).trim();
  };
  D.onTheme = function (draw) {
    var watch = new MutationObserver(draw);
    watch.observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
    watch.observe(document.body, {attributes: true, attributeFilter: ["data-jp-theme-light"]});
  };

  // Run `work` once before the next picture, however often it is asked for.
  D.soon = function (work) {
    var asked = false;
    return function () {
      if (asked) return;
      asked = true;
      requestAnimationFrame(function () { asked = false; work(); });
    };
  };

  // JupyterLab and the book's theme take arrow keys on their way down, so they are caught before either sees them:
  // a draggable handle gets a "dprior-move" event, every other control keeps its native keys.
  var STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
  var NATIVE = Object.keys(STEPS).concat("Home", "End", "PageUp", "PageDown", " ", "Enter");
  function onKey(event) {
    var target = event.target;
    if (!target.closest || !target.closest("[data-dprior]") || event.ctrlKey || event.metaKey || event.altKey) return;
    var step = target.hasAttribute("data-handle") && STEPS[event.key];
    if (step) {
      event.preventDefault();
      target.dispatchEvent(new CustomEvent("dprior-move", {detail: {step: step, large: event.shiftKey}}));
    }
    if (NATIVE.indexOf(event.key) >= 0) event.stopPropagation();
  }
  if (!D.listening) window.addEventListener("keydown", onKey, true);
  D.listening = true;
})(window.DPrior);
