// Networks side by side: noise on one slider, brightness on another, quality drawn as far as the reader has been.
(function (D) {
  "use strict";
  var N = D.net, DASHES = ["", "7 4", "2 4"], LABEL = 17, EDGE = 8;

  function node(parent, tag, attributes, text) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (text !== undefined) made.textContent = text;
    return parent.appendChild(made);
  }

  // Marks as shapes, so that traces are told apart without colour.
  var SHAPES = [
    function (x, y, r) { return "M" + (x - r) + " " + y + "a" + [r, r, 0, 1, 0, 2 * r, 0] + "a" + [r, r, 0, 1, 0, -2 * r, 0] + "z"; },
    function (x, y, r) { return "M" + (x - r) + " " + (y - r) + "h" + 2 * r + "v" + 2 * r + "h" + -2 * r + "z"; },
    function (x, y, r) { return "M" + x + " " + (y - 1.2 * r) + "l" + 1.2 * r + " " + 2 * r + "h" + -2.4 * r + "z"; },
  ];

  function ticks(low, high, most) {
    var step = [1, 2, 5, 10, 20, 25, 50, 100].find(function (step) { return (high - low) / step <= most; }) || 200, at = [];
    for (var tick = Math.ceil(low / step) * step; tick <= high; tick += step) at.push(tick);
    return at;
  }

  // From a little below the noisy picture's worst to 45 dB, above which nothing is seen.
  function range(noisy) {
    var finite = noisy.map(function (point) { return point[1]; }).filter(isFinite);
    return [5 * Math.floor((Math.min.apply(null, finite) - 2) / 5), Math.min(45, 5 * Math.ceil((Math.max.apply(null, finite) + 8) / 5))];
  }

  // Where things stand in a plot of `width` pixels; the names of the traces have room on the right.
  function Frame(width, data, noisy, names) {
    var letters = 7.4 * Math.max.apply(null, names.concat("noisy").map(function (name) { return name.length; }));
    var left = 34, top = 24, height = Math.round(Math.max(210, Math.min(260, 0.42 * width)));
    var w = width - left - letters - 16, h = height - top - 40, dB = range(noisy), low = data.sigmas[0];
    var high = data.sigmas[data.sigmas.length - 1];
    return {left: left, top: top, w: w, h: h, height: height, low: low, high: high, dB: dB, letters: letters,
            x: function (sigma) { return (sigma - low) / (high - low) * w; },
            y: function (value) { return (dB[1] - value) / (dB[1] - dB[0]) * h; }};
  }

  // The part where traces are drawn, a little wider than the axis for the marks at its ends; what is above or below is cut off.
  function inner(svg, frame) {
    return node(svg, "svg", {x: frame.left - EDGE, y: frame.top, width: frame.w + 2 * EDGE, height: frame.h,
                             viewBox: [-EDGE, 0, frame.w + 2 * EDGE, frame.h].join(" ")});
  }

  function axes(svg, frame) {
    ticks(frame.dB[0], frame.dB[1], 5).forEach(function (tick) {
      var y = frame.top + frame.y(tick);
      node(svg, "line", {x1: frame.left, x2: frame.left + frame.w, y1: y, y2: y, "class": "dp-rule"});
      node(svg, "text", {x: frame.left - 7, y: y + 4, "text-anchor": "end"}, tick);
    });
    ticks(frame.low, frame.high, frame.w / 45).forEach(function (tick) {
      node(svg, "text", {x: frame.left + frame.x(tick), y: frame.top + frame.h + 17, "text-anchor": "middle"}, tick);
    });
    node(svg, "text", {x: 0, y: 13}, "PSNR, dB");
    node(svg, "text", {x: frame.left + frame.w / 2, y: frame.height - 5, "text-anchor": "middle"}, "noise σ, in 1/255");
  }

  function band(area, frame, trained) {
    var from = Math.max(0, frame.x(trained[0])), to = Math.min(frame.w, frame.x(trained[1])), wide = to - from > 110;
    node(area, "rect", {x: from, width: to - from, y: 0, height: frame.h, "class": "dp-band"});
    node(area, "text", {x: wide ? (from + to) / 2 : to + 5, y: frame.h - 8, "text-anchor": wide ? "middle" : "start"},
         (wide ? "" : "◂ ") + "trained on this");
  }

  function inside(frame) {
    return function (point) { return isFinite(point[1]) && point[1] >= frame.dB[0] && point[1] <= frame.dB[1]; };
  }

  function trace(area, frame, name, i, points, sigma) {
    var group = node(area, "g", {"class": "dp-trace-" + (i + 1), "data-trace": name});
    var at = points.filter(function (point) { return isFinite(point[1]); })
      .map(function (point) { return [frame.x(point[0]), frame.y(point[1]), point[0] === sigma]; });
    node(group, "polyline", {points: at.map(function (p) { return p.slice(0, 2).join(); }).join(" "), "stroke-dasharray": DASHES[i]});
    at.forEach(function (p) { node(group, "path", {d: SHAPES[i](p[0], p[1], p[2] ? 5.5 : 3), "class": "dp-mark"}); });
  }

  // Names at the end of their traces, moved apart where they would cover each other.
  function labels(svg, frame, traces) {
    var placed = traces.map(function (each, i) {
      var seen = each.points.filter(inside(frame)), last = seen[seen.length - 1];
      return last && {name: each.name, trace: i, x: frame.left + frame.x(last[0]) + 9, y: frame.top + frame.y(last[1]) + 4};
    }).filter(Boolean).sort(function (a, b) { return a.y - b.y; });
    placed.forEach(function (label, i) {
      placed.slice(0, i).forEach(function (above) {
        if (Math.abs(above.x - label.x) < frame.letters && label.y < above.y + LABEL) label.y = above.y + LABEL;
      });
      node(svg, "text", {x: label.x, y: label.y, "class": "dp-direct dp-trace-" + label.trace}, label.name);
    });
  }

  // traces[0] is the noisy picture's own, {name, points: [[sigma, dB]]}.
  function plot(svg, data, traces, sigma) {
    var width = svg.parentNode.clientWidth;
    if (!width) return;
    var frame = Frame(width, data, traces[0].points, data.names);
    svg.replaceChildren();
    svg.setAttribute("viewBox", "0 0 " + width + " " + frame.height);
    svg.style.height = frame.height + "px";
    band(inner(svg, frame), frame, data.trained);
    axes(svg, frame);
    var area = inner(svg, frame);
    node(area, "line", {x1: frame.x(sigma), x2: frame.x(sigma), y1: 0, y2: frame.h, "class": "dp-here"});
    node(area, "polyline", {points: traces[0].points.filter(function (point) { return isFinite(point[1]); })
      .map(function (point) { return frame.x(point[0]) + "," + frame.y(point[1]); }).join(" "), "class": "dp-noisy"});
    traces.slice(1).forEach(function (each, i) { trace(area, frame, each.name, i, each.points, sigma); });
    labels(svg, frame, traces);
  }

  function scientific(value) {
    if (!value) return "0";
    var parts = value.toExponential(1).split("e"), sign = parts[1][0] === "-" ? "⁻" : "";
    return parts[0] + "·10" + sign + parts[1].slice(1).split("").map(function (digit) { return "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]; }).join("");
  }

  // |f(a y) - a f(y)| / |a f(y)|
  function relative(scaled, answer, a) {
    var difference = 0, size = 0;
    scaled.forEach(function (value, p) {
      difference += Math.pow(value - a * answer[p], 2);
      size += Math.pow(a * answer[p], 2);
    });
    return difference === 0 ? 0 : Math.sqrt(difference / size);
  }

  // What was computed for the noise of one seed: answers[k][i] = {x, dB} of network i at level k, at every level visited.
  function Memory(clean, data, seed) {
    var answers = {}, sigmas = data.sigmas;
    function noisy(k) { return N.noisy(clean, sigmas[k], seed); }
    function complete(k) { return answers[k].length === data.nets.length; }
    function points(i) {
      return sigmas.map(function (sigma, k) { return answers[k] && answers[k][i] && [sigma, answers[k][i].dB]; }).filter(Boolean);
    }
    var own = sigmas.map(function (sigma, k) { return [sigma, N.psnr(noisy(k), clean)]; });
    return {
      answers: answers, noisy: noisy, complete: complete,
      visit: function (k) { answers[k] = answers[k] || []; },
      // The level nearest to k that was passed while the networks were busy.
      missed: function (k) {
        return Object.keys(answers).map(Number).filter(function (other) { return !complete(other); })
          .sort(function (one, other) { return Math.abs(one - k) - Math.abs(other - k); })[0];
      },
      traces: function () {
        return [{name: "noisy", points: own}].concat(data.names.map(function (name, i) {
          return {name: name, points: points(i)};
        }));
      },
    };
  }

  D.kinds.twins = function (root, data) {
    var find = function (selector) { return root.querySelector(selector); };
    var all = function (selector) { return Array.from(root.querySelectorAll(selector)); };
    var count = data.nets.length, sliders = all("input[type=range]"), outputs = all("output"), panels = all(".dp-panel");
    var upper = panels.slice(0, count + 2), lower = panels.slice(count + 2);
    var clean = N.picture(data.picture), nets = data.nets.map(N.decode), seed = data.seed, memory = Memory(clean, data, seed);
    var turn = 0, busy = false, scaledAt = "", said = {};
    function level() { return Number(sliders[0].value); }
    function factor() { return data.factors[sliders[1].value]; }
    function quality(x) { return N.decibels(N.psnr(x, clean)); }

    function answer(i, found) { N.show(upper[i + 1], found.x, N.decibels(found.dB)); }
    function scaled(i, x, y, a) {
      var error = relative(y, x, a), back = y.map(function (value) { return value / a; });
      N.show(lower[i + 1], back, scientific(error) + " (" + quality(back) + ")");
      lower[i + 1].dataset.error = error;
      said[data.names[i]] = scientific(error);
    }

    // The level of the slider first, then its brightness, then what the reader passed too fast. What has begun is finished, so
    // that pictures follow a slider that never rests; what came too late for its slider is replaced by the next job.
    function job() {
      var k = level(), a = factor(), key = k + "*" + a;
      if (!memory.complete(k)) return pictures(k);
      if (scaledAt !== key) {
        scaledAt = key;
        if (a !== 1) return brightness(k, a);
        memory.answers[k].forEach(function (found, i) { scaled(i, found.x, found.x, 1); });
      }
      return memory.missed(k) === undefined ? null : pictures(memory.missed(k));
    }
    function pictures(k) {
      memory.answers[k].length = 0;
      return {y: memory.noisy(k), done: function (i, x) {
        memory.answers[k][i] = {x: x, dB: N.psnr(x, clean)};
        if (k === level() || (!memory.complete(level()) && this.shown)) answer(i, memory.answers[k][i]);
        draw();
      }, shown: k === level()};
    }
    function brightness(k, a) {
      return {y: memory.noisy(k).map(function (value) { return a * value; }), done: function (i, x) {
        scaled(i, memory.answers[k][i].x, x, a);
      }};
    }
    function work() {
      if (busy) return;
      var now = job(), mine = turn;
      if (!now) return rest();
      busy = true;
      (function next(i) {
        if (i === count) {
          busy = false;
          return work();
        }
        N.slowly(nets[i], now.y, data.height, data.width, function () { return mine === turn; }, function (x) {
          now.done(i, x);
          next(i + 1);
        });
      })(0);
    }
    function rest() {
      find(".dp-live").textContent = "sigma " + data.sigmas[level()] + "/255: " + upper.slice(0, -1).map(function (panel) {
        return panel.dataset.name + " " + panel.querySelector("b").textContent;
      }).join(", ") + "; brightness " + factor() + ", relative error: " +
        data.names.map(function (name) { return name + " " + said[name]; }).join(", ");
      root.dataset.rest = Number(root.dataset.rest || 0) + 1;
    }

    var draw = D.soon(function () { plot(find(".dp-plot svg"), data, memory.traces(), data.sigmas[level()]); });
    var moved = D.soon(function () {
      var k = level(), a = factor(), y = memory.noisy(k);
      memory.visit(k);
      N.show(upper[0], y, quality(y));
      N.show(lower[0], y.map(function (value) { return a * value; }), "a σ = " + Number((a * data.sigmas[k]).toPrecision(3)) + "/255");
      if (memory.complete(k)) memory.answers[k].forEach(function (found, i) { answer(i, found); });
      draw();
      work();
    });
    function tell() {
      var sigma = data.sigmas[level()];
      memory.visit(level());
      outputs[0].textContent = sigma + "/255";
      sliders[0].setAttribute("aria-valuetext", sigma + " over 255");
      outputs[1].textContent = factor();
      sliders[1].setAttribute("aria-valuetext", "times " + factor());
      moved();
    }
    sliders.forEach(function (slider) { slider.addEventListener("input", tell); });
    find("[data-noise]").addEventListener("click", function () {
      turn += 1;
      busy = false;
      scaledAt = "";
      memory = Memory(clean, data, ++seed);
      tell();
    });
    all("[data-live]").forEach(function (part) { part.hidden = false; });
    find(".dp-static").hidden = true;
    new ResizeObserver(draw).observe(find(".dp-plot"));
    N.show(upper[count + 1], clean, "");
    tell();
  };
})(window.DPrior);
