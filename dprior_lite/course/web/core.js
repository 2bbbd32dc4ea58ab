// What every figure of a page shares: starting, keys, numbers quoted from the page, the reader's own progress.
window.DPrior = window.DPrior || {};
window.DPrior.kinds = window.DPrior.kinds || {};
(function (D) {
  "use strict";

  // What a figure's script reads: what was made for it, else the figure's record.
  D.data = function (root) {
    return JSON.parse((root.querySelector("script.dp-view") || root.querySelector("script.dp-record")).textContent);
  };

  function begin(root) {
    var start = D.kinds[root.dataset.kind];
    if (!start) return; // its script may come with a later cell
    root.setAttribute("data-ready", "");
    try {
      start(root, D.data(root));
      root.querySelectorAll(".dp-missing").forEach(function (note) { note.hidden = true; });
    } catch (error) {
      D.lift();
      setTimeout(function () { throw error; });
    }
  }

  // The style sheet outlives the output that brought it.
  function adopt() {
    document.querySelectorAll("body style.dp-style").forEach(function (sheet) {
      var own = document.head.querySelector("style.dp-own") || document.head.appendChild(document.createElement("style"));
      own.className = "dp-own";
      if (own.textContent !== sheet.textContent) own.textContent = sheet.textContent;
    });
  }

  // Start what is in the page and not started yet. While the page is still being read only curtains are drawn.
  D.scan = function () {
    D.curtains();
    if (document.readyState === "loading") return;
    adopt();
    document.querySelectorAll("[data-dprior]:not([data-ready])").forEach(begin);
    D.enlarge();
  };

  // Outputs come and go in JupyterLab, and no output has to call its script.
  if (!D.watching) {
    D.watching = new MutationObserver(function (changes) {
      // what a figure does to itself brings no new figure
      if (changes.some(function (change) { return !change.target.closest || !change.target.closest("[data-ready]"); })) D.scan();
    });
    D.watching.observe(document.documentElement, {childList: true, subtree: true});
    document.addEventListener("DOMContentLoaded", function () { D.scan(); });
  }

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
