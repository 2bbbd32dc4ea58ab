// A picture that moves along an eigenvector of a denoiser: which one, and how far, is the reader's choice.
(function (D) {
  "use strict";
  var N = D.net, BLUE = [33, 102, 172], RED = [178, 24, 43], LEFT = 30, TOP = 18, BELOW = 34, RIGHT = 10, PERIOD = 3000;

  // An eigenvector as it travels: 8 bits a pixel, 128 for zero, the largest number 127 away from it.
  function vector(text, scale) {
    return Float64Array.from(N.bytes(text), function (byte) { return (byte - 128) / 127 * scale; });
  }
  function moved(picture, e, epsilon) {
    return Float64Array.from(picture, function (value, p) { return value + epsilon * e[p]; });
  }
  // Epsilon at a place of its slider; `reach` is the root mean square of the change of a pixel at its ends.
  function amount(place, data, view) {
    return (place - data.half) / data.half * data.reach * Math.sqrt(view.height * view.width);
  }

  function signed(scale) {
    return function (value) {
      var t = Math.min(1, Math.abs(value) / scale), end = value < 0 ? BLUE : RED;
      return end.map(function (shade) { return 255 + t * (shade - 255); });
    };
  }
  function fixed(value, digits) { return value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "\u2212"); }
  function plus(value) { return (value > 0 ? "+" : "") + fixed(value, 2); }

  function markup(tag, attributes, text) {
    return "<" + tag + Object.keys(attributes).map(function (name) { return " " + name + '="' + attributes[name] + '"'; }).join("") +
      ">" + (text === undefined ? "" : text) + "</" + tag + ">";
  }

  // Where ranks (logarithmic) and eigenvalues stand in a plot.
  function Frame(width, height, view) {
    var values = view.curve.map(function (point) { return point[1]; }), w = width - LEFT - RIGHT, h = height - TOP - BELOW;
    var top = Math.max(1.1, 1.05 * Math.max.apply(null, values)), bottom = Math.min(0, 1.05 * Math.min.apply(null, values));
    return {
      w: w, h: h, top: top, bottom: bottom,
      x: function (rank) { return LEFT + Math.log(rank) / Math.log(Math.max(2, view.count)) * w; },
      y: function (value) { return TOP + (top - value) / (top - bottom) * h; },
    };
  }

  function axes(frame, view, height) {
    var made = [], last = -Infinity;
    for (var tick = Math.ceil(2 * frame.bottom) / 2; tick <= frame.top; tick += 0.5) {
      var y = frame.y(tick);
      made.push(markup("line", {x1: LEFT, x2: LEFT + frame.w, y1: y, y2: y, "class": tick === 1 ? "dp-goal" : "dp-rule"}),
                markup("text", {x: LEFT - 6, y: y + 4, "text-anchor": "end"}, fixed(tick, tick % 1 ? 1 : 0)));
    }
    for (var rank = 1, k = 0; rank <= view.count; rank = [1, 2, 5][++k % 3] * Math.pow(10, Math.floor(k / 3))) {
      if (frame.x(rank) - last < 34) continue;
      last = frame.x(rank);
      made.push(markup("text", {x: last, y: TOP + frame.h + 16, "text-anchor": "middle"}, rank));
    }
    made.push(markup("text", {x: 0, y: 12}, "\u03bb"),
              markup("text", {x: LEFT + frame.w / 2, y: height - 3, "text-anchor": "middle"}, "rank k, log scale"));
    return made.join("");
  }

  function plot(svg, height, view, rank, values) {
    var width = svg.parentNode.clientWidth;
    if (!width) return;
    var frame = Frame(width, height, view), x = frame.x(rank);
    svg.setAttribute("viewBox", "0 0 " + width + " " + height);
    svg.style.height = height + "px";
    svg.innerHTML = axes(frame, view, height) + markup("line", {x1: x, x2: x, y1: TOP, y2: TOP + frame.h, "class": "dp-here"}) +
      markup("polyline", {"class": "dp-trace-1", points: view.curve.map(function (point) {
        return frame.x(point[0]).toFixed(1) + "," + frame.y(point[1]).toFixed(1);
      }).join(" ")}) +
      view.ranks.map(function (each) {
        return markup("circle", {cx: frame.x(each).toFixed(1), cy: frame.y(values[each]).toFixed(1), r: each === rank ? 6 : 3,
                                 "class": "dp-trace-1"});
      }).join("");
    svg.setAttribute("aria-label", "Eigenvalues against their rank, logarithmic: " + fixed(view.curve[0][1], 2) + " at rank 1, " +
      fixed(values[rank], 2) + " at rank " + rank + ", " + fixed(view.curve[view.curve.length - 1][1], 2) + " at rank " + view.count);
  }

  // Decoded once a view, when the reader first comes there.
  function Views(data) {
    var known = {};
    return function (place) {
      var view = data.views[place];
      return known[place] = known[place] || {
        data: view, picture: N.picture(data.pictures[view.picture]), values: Object.fromEntries(view.curve),
        vectors: view.vectors.map(function (text, k) { return vector(text, view.scales[k]); }),
      };
    };
  }

  // Moves a slider back and forth until it is stopped; never for readers who asked for no motion.
  function Swing(root, slider, half, button, moved) {
    var began = null, quiet = window.matchMedia("(prefers-reduced-motion: reduce)");
    function stop() {
      began = null;
      button.textContent = "Play";
    }
    function turn(now) {
      var box = root.getBoundingClientRect();
      if (began === null) return;
      if (!root.isConnected || quiet.matches || box.bottom < 0 || box.top > innerHeight) return stop();
      slider.value = Math.round(half + half * Math.sin(2 * Math.PI * (now - began) / PERIOD));
      moved();
      requestAnimationFrame(turn);
    }
    function allow() {
      button.hidden = quiet.matches;
      if (quiet.matches) stop();
    }
    button.addEventListener("click", function () {
      if (began !== null) return stop();
      // from where the slider stands
      began = performance.now() - Math.asin((slider.value - half) / half) / (2 * Math.PI) * PERIOD;
      button.textContent = "Stop";
      requestAnimationFrame(turn);
    });
    slider.addEventListener("input", stop);
    quiet.addEventListener("change", allow);
    allow();
    return {stop: stop, runs: function () { return began !== null; }};
  }

  D.wiggle = {vector: vector, moved: moved, amount: amount};

  D.kinds.wiggle = function (root, data) {
    var find = function (selector) { return root.querySelector(selector); };
    var all = function (selector) { return Array.from(root.querySelectorAll(selector)); };
    var panels = all(".dp-panel"), sliders = all("input[type=range]"), outputs = all("output"), form = find("form");
    var views = Views(data), waiting, swing;

    // The view of all choices, the last one running fastest.
    function place() {
      return data.choices.reduce(function (index, values, axis) {
        return index * values.length + Number(find('input[name="choice-' + axis + '"]:checked').value);
      }, 0);
    }

    function fit(view) {
      find(".dp-panels").style.setProperty("--dp-shape", view.width + "/" + view.height);
      all("canvas").forEach(function (canvas) {
        if (canvas.width !== view.width) canvas.width = view.width;
        if (canvas.height !== view.height) canvas.height = view.height;
      });
      sliders[0].max = view.ranks.length - 1;
    }

    function show() {
      var at = place(), view = views(at), told = view.data;
      fit(told);
      var k = Number(sliders[0].value), rank = told.ranks[k], epsilon = amount(Number(sliders[1].value), data, told);
      var scale = told.scales[k], value = fixed(view.values[rank], 3), canvas = panels[1].querySelector("canvas");
      N.show(panels[0], moved(view.picture, view.vectors[k], epsilon), "\u03b5 = " + plus(epsilon));
      N.paint(canvas, view.vectors[k], signed(scale));
      panels[1].querySelector("b").textContent = "k = " + rank + ", \u03bb = " + value;
      canvas.setAttribute("aria-label", "eigenvector " + rank + ", lambda " + value + (told.says[k] ? ", " + told.says[k] : ""));
      find('[data-show="low"]').textContent = "\u2212" + fixed(scale, 2);
      find('[data-show="high"]').textContent = "+" + fixed(scale, 2);
      plot(panels[2].querySelector("svg"), Math.max(170, panels[0].querySelector("canvas").clientHeight), told, rank, view.values);
      outputs[0].textContent = rank;
      outputs[1].textContent = plus(epsilon);
      sliders[0].setAttribute("aria-valuetext", "eigenvector " + rank + ", lambda " + value);
      sliders[1].setAttribute("aria-valuetext", plus(epsilon));
      find(".dp-panels").setAttribute("aria-label", data.alts[at]);
      find(".dp-status").hidden = !told.says.length;
      find(".dp-status").textContent = "e" + String(rank).replace(/./g, function (digit) { return "₀₁₂₃₄₅₆₇₈₉"[digit]; }) +
        ": " + told.says[k];
      root.dataset.shown = [at, k, sliders[1].value].join(":");
      if (!swing.runs()) speak(canvas.getAttribute("aria-label") + "; epsilon " + plus(epsilon));
    }
    // Spoken once the reader rests.
    function speak(text) {
      clearTimeout(waiting);
      waiting = setTimeout(function () { find(".dp-live").textContent = text; }, 500);
    }

    var paint = D.soon(show);
    swing = Swing(root, sliders[1], data.half, find("[data-play]"), paint);
    sliders.forEach(function (slider) { slider.addEventListener("input", paint); });
    find("[data-zero]").addEventListener("click", function () {
      swing.stop();
      sliders[1].value = data.half;
      paint();
    });
    if (form) {
      form.addEventListener("change", paint);
      form.addEventListener("submit", function (event) { event.preventDefault(); });
    }
    all("[data-live]").forEach(function (part) { part.hidden = false; });
    find(".dp-static").hidden = true;
    new ResizeObserver(paint).observe(panels[2]);
    show();
  };
})(window.DPrior);
