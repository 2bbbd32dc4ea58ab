// The laboratory: a canvas with the density and its arrows, handles to drag, a probe that reports, and layers.
//
// A layer is a function (lab, data) -> {draw(view), missing()} in DPrior.mixture.layers. `draw` paints onto view.ctx with
// view.at(point) -> pixels and view.arrow(from, to, colour, width); `missing` says why it cannot be shown now, or "".
// `lab` offers mixture, sigma, probe, moved (has a cloud left its place?) and redraw().
(function (D) {
  "use strict";
  var M = D.mixture, SHADES = 96, NATS = 12, ARROWS = 17;

  // Feet of the arrows, row by row from the top left of the square.
  function feet(extent) {
    var centres = Array.from({length: ARROWS}, function (_, i) { return ((i + 0.5) / ARROWS * 2 - 1) * extent; }), made = [];
    centres.forEach(function (row) { centres.forEach(function (column) { made.push([column, -row]); }); });
    return made;
  }

  // The arrows of a trained network, computed in advance on the grid at some noise levels.
  M.layers.arrows = function (lab, data) {
    function nearest() {
      var away = data.sigmas.map(function (s) { return Math.abs(Math.log(s / lab.sigma)); });
      return away.indexOf(Math.min.apply(null, away));
    }
    function text(sigma) { return String(Number(sigma.toPrecision(2))); }
    function elsewhere() { return Math.abs(Math.log(data.sigmas[nearest()] / lab.sigma)) > 0.09; }
    var fields = data.thousandths.map(function (coded) {
      var raw = Uint8Array.from(atob(coded), function (c) { return c.charCodeAt(0); });
      return Array.from(new Int16Array(raw.buffer), function (value) { return value / 1000; });
    });
    return {
      draw: function (view) {
        var field = fields[nearest()];
        view.ctx.globalAlpha = elsewhere() ? 0.35 : 1;
        view.grid.forEach(function (y, i) {
          view.field(y, field.slice(2 * i, 2 * i + 2), view.colour("second"), 1.6);
        });
        view.ctx.globalAlpha = 1;
      },
      missing: function () { return lab.moved ? "the network knows the clouds’ first places only" : ""; },
      note: function () {
        var level = text(data.sigmas[nearest()]);
        return elsewhere() ? "for another level: σ = " + level + ", not " + text(lab.sigma) : "σ = " + level;
      },
    };
  };

  function rgb(hex) {
    return [1, 3, 5].map(function (i) { return parseInt(hex.slice(i, i + 2), 16); });
  }
  // Three stops of one hue in even steps of lightness, from improbable to probable.
  function ramp(colour) {
    var stops = ["low", "middle", "high"].map(function (name) { return rgb(colour(name)); });
    return function (t) {
      var at = Math.max(0, Math.min(1, t)) * 2, i = Math.min(1, Math.floor(at));
      return stops[i].map(function (value, c) { return value + (at - i) * (stops[i + 1][c] - value); });
    };
  }

  function shading(lab, extent, colour) {
    var small = document.createElement("canvas"), ctx = small.getContext("2d"), logs = [], top = -Infinity;
    small.width = small.height = SHADES;
    for (var i = 0; i < SHADES * SHADES; i++) {
      var y = [((i % SHADES + 0.5) / SHADES * 2 - 1) * extent, (1 - (Math.floor(i / SHADES) + 0.5) / SHADES * 2) * extent];
      logs.push(M.logDensity(lab.mixture, y, lab.sigma));
      top = Math.max(top, logs[i]);
    }
    var image = ctx.createImageData(SHADES, SHADES), shade = ramp(colour);
    logs.forEach(function (value, i) {
      image.data.set(shade(1 + (value - top) / NATS).concat(255), 4 * i);
    });
    ctx.putImageData(image, 0, 0);
    return small;
  }

  function View(canvas, root, extent, grid) {
    var size = canvas.clientWidth || 480, ratio = window.devicePixelRatio || 1, ctx = canvas.getContext("2d");
    canvas.width = canvas.height = Math.round(size * ratio);
    ctx.scale(ratio, ratio);
    function at(point) { return [(point[0] / extent + 1) * size / 2, (1 - point[1] / extent) * size / 2]; }
    function arrow(from, to, colour, width) {
      var a = at(from), b = at(to), angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
      var head = Math.min(2.5 + 2 * width, 0.6 * Math.hypot(b[0] - a[0], b[1] - a[1]));
      ctx.strokeStyle = ctx.fillStyle = colour;
      ctx.lineWidth = width;
      ctx.beginPath();
      ctx.moveTo(a[0], a[1]);
      ctx.lineTo(b[0] - 0.7 * head * Math.cos(angle), b[1] - 0.7 * head * Math.sin(angle));
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(b[0], b[1]);
      [-0.45, 0.45].forEach(function (turn) {
        ctx.lineTo(b[0] - head * Math.cos(angle + turn), b[1] - head * Math.sin(angle + turn));
      });
      ctx.fill();
    }
    // Arrows of a field must not cover each other: the length saturates at one step of the grid, the direction is exact.
    function field(y, r, colour, width) {
      var length = Math.hypot(r[0], r[1]), step = 2 * extent / Math.sqrt(grid.length);
      if (length < 1e-9) return;
      var scale = 0.95 * step / (length + step);
      arrow(y, [y[0] + scale * r[0], y[1] + scale * r[1]], colour, width);
    }
    return {ctx: ctx, size: size, extent: extent, grid: grid, at: at, arrow: arrow, field: field,
            colour: function (name) { return D.colour(root, name); }};
  }

  function paint(lab, view, layers) {
    var ctx = view.ctx;
    ctx.imageSmoothingEnabled = true;
    ctx.drawImage(shading(lab, view.extent, view.colour), 0, 0, view.size, view.size);
    view.grid.forEach(function (y) { view.field(y, lab.residual(y), view.colour("arrow"), 1.1); });
    layers.forEach(function (layer) { if (layer.shown()) layer.draw(view); });
    ctx.strokeStyle = view.colour("arrow");
    ctx.setLineDash([4, 4]);
    ctx.lineWidth = 1.5;
    lab.mixture.means.forEach(function (mean, k) {
      var c = view.at(mean);
      ctx.beginPath();
      ctx.arc(c[0], c[1], lab.mixture.stds[k] / view.extent * view.size / 2, 0, 2 * Math.PI);
      ctx.stroke();
    });
    ctx.setLineDash([]);
    var mean = M.posteriorMean(lab.mixture, lab.probe, lab.sigma), c = view.at(mean);
    view.arrow(lab.probe, mean, view.colour("second"), 2.5);
    ctx.beginPath();
    ctx.arc(c[0], c[1], 5, 0, 2 * Math.PI);
    ctx.lineWidth = 2.5;
    ctx.stroke();
  }

  function fixed(value, digits) { return value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "\u2212"); }
  function point(p) { return "(" + fixed(p[0], 2) + ", " + fixed(p[1], 2) + ")"; }

  // What the probe reports, name by name as in the read-out.
  function report(lab) {
    var y = lab.probe, r = lab.residual(y), J = M.jacobian(lab.mixture, y, lab.sigma);
    var half = (J[0][0] + J[1][1]) / 2, slope = half + Math.hypot((J[0][0] - J[1][1]) / 2, J[0][1]);
    return {y: point(y), mean: point(M.posteriorMean(lab.mixture, y, lab.sigma)), residual: fixed(Math.hypot(r[0], r[1]), 3),
            level: fixed(Math.hypot(r[0], r[1]) / Math.SQRT2, 3), slope: fixed(slope, 3),
            density: fixed(M.logDensity(lab.mixture, y, lab.sigma), 2)};
  }

  // A point on the canvas that the pointer drags and the arrow keys move.
  function draggable(handle, stage, extent, get, set) {
    function place() {
      var p = get();
      handle.style.left = (p[0] / extent + 1) * 50 + "%";
      handle.style.top = (1 - p[1] / extent) * 50 + "%";
      handle.setAttribute("aria-label", handle.dataset.name + " at " + point(p) + ", move with the arrow keys");
    }
    function move(p) {
      set(p.map(function (value) { return Math.max(-extent, Math.min(extent, value)); }));
      place();
    }
    function follow(event) {
      var box = stage.getBoundingClientRect();
      move([((event.clientX - box.left) / box.width * 2 - 1) * extent, (1 - (event.clientY - box.top) / box.height * 2) * extent]);
    }
    handle.addEventListener("pointerdown", function (event) {
      handle.setPointerCapture(event.pointerId);
      handle.addEventListener("pointermove", follow);
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      handle.addEventListener(name, function () { handle.removeEventListener("pointermove", follow); });
    });
    handle.addEventListener("dprior-move", function (event) {
      var size = extent * (event.detail.large ? 0.2 : 0.04);
      move(get().map(function (value, i) { return value + size * event.detail.step[i]; }));
    });
    place();
    return {place: place, follow: follow};
  }

  function copied(points) { return points.map(function (point) { return point.slice(); }); }

  function Lab(data) {
    var lab = {
      sigma: data.sigma, probe: data.probe.slice(), moved: false,
      mixture: {means: copied(data.means), stds: data.stds, weights: data.weights},
      residual: function (y) {
        var mean = M.posteriorMean(lab.mixture, y, lab.sigma);
        return [mean[0] - y[0], mean[1] - y[1]];
      },
      reset: function () {
        lab.mixture.means = copied(data.means);
        lab.probe = data.probe.slice();
        lab.sigma = data.sigma;
        lab.moved = false;
      },
    };
    return lab;
  }

  // The box of each layer: switched on by the reader, switched off where the layer has nothing to show.
  function Layers(root, lab, wanted, changed) {
    var boxes = root.querySelectorAll(".dp-check");
    return wanted.map(function (each, i) {
      var layer = M.layers[each.name](lab, each.data), input = boxes[i].querySelector("input");
      input.addEventListener("change", changed);
      return {
        draw: layer.draw,
        shown: function () { return input.checked && !layer.missing(); },
        refresh: function () {
          input.disabled = !!layer.missing();
          boxes[i].querySelector("small").textContent = layer.missing() || (input.checked && layer.note ? layer.note() : "");
        },
      };
    });
  }

  // Spoken once the reader rests, not at every step of a drag.
  function Voice(element, lab) {
    var waiting;
    return function () {
      clearTimeout(waiting);
      waiting = setTimeout(function () {
        var now = report(lab);
        element.textContent = "Noise " + lab.sigma.toPrecision(2) + ". At " + now.y + " the denoiser answers " + now.mean +
          ", a step of " + now.residual + "; largest slope " + now.slope + "; log density " + now.density + ".";
      }, 500);
    };
  }

  function Handles(root, canvas, lab, extent, moved) {
    var clouds = Array.from(root.querySelectorAll("[data-cloud]")).map(function (handle, k) {
      return draggable(handle, canvas, extent, function () { return lab.mixture.means[k]; }, function (p) {
        lab.mixture.means[k] = p;
        lab.moved = true;
        moved();
      });
    });
    var probe = draggable(root.querySelector(".dp-probe"), canvas, extent, function () { return lab.probe; }, function (p) {
      lab.probe = p;
      moved();
    });
    canvas.addEventListener("click", probe.follow);
    return clouds.concat(probe);
  }

  D.kinds.mixturelab = function (root, data) {
    var find = function (selector) { return root.querySelector(selector); };
    var canvas = find("canvas"), slider = find("input[type=range]"), lab = Lab(data), speak = Voice(find(".dp-live"), lab);
    var grid = feet(data.extent), place = slider.value;
    // A layer of a page's own brings the script that registers it.
    data.layers.forEach(function (layer) { if (layer.script) new Function(layer.script)(); });
    var layers = Layers(root, lab, data.layers, changed), handles = Handles(root, canvas, lab, data.extent, told);
    lab.redraw = D.soon(function () { paint(lab, View(canvas, root, data.extent, grid), layers); });

    function changed() {
      var now = report(lab);
      Object.keys(now).forEach(function (name) { find('[data-show="' + name + '"]').textContent = now[name]; });
      layers.forEach(function (layer) { layer.refresh(); });
      find("output").textContent = lab.sigma.toPrecision(2);
      slider.setAttribute("aria-valuetext", "sigma " + lab.sigma.toPrecision(2));
      lab.redraw();
    }
    function told() {
      changed();
      speak();
    }
    slider.addEventListener("input", function () {
      lab.sigma = data.sigmas[0] * Math.pow(data.sigmas[1] / data.sigmas[0], slider.value / slider.max);
      told();
    });
    find("[data-reset]").addEventListener("click", function () {
      lab.reset();
      slider.value = place;
      handles.forEach(function (handle) { handle.place(); });
      told();
    });
    root.querySelectorAll("[data-live]").forEach(function (part) { part.hidden = false; });
    find(".dp-static").hidden = true;
    new ResizeObserver(lab.redraw).observe(canvas);
    D.onTheme(lab.redraw);
    root.lab = lab;
    changed();
  };
})(window.DPrior);
