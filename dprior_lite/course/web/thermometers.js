// The noise level of single points among d dimensions, and the ends of the blind sampler, from closed forms.
//
// A point is its two coordinates in the plane of the clouds, and the sum of squares of its d - 2 other coordinates.
(function (D) {
  "use strict";
  var T = D.thermometers = {}, LOWEST = Math.log(1e-4), NODES = 240, GOLDEN = (Math.sqrt(5) - 1) / 2, LEAST = 1e-2, MOST = 60;

  // A generator of uniform numbers from a seed (mulberry32), and normal ones from it (Box and Muller).
  T.normals = function (seed) {
    var state = seed >>> 0;
    function uniform() {
      state = (state + 0x6D2B79F5) >>> 0;
      var t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
    }
    return {uniform: uniform, normal: function () {
      return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    }};
  };

  function logTerms(data, y, level) {
    var v = data.std * data.std + level * level;
    return data.means.map(function (m) {
      return -((y[0] - m[0]) * (y[0] - m[0]) + (y[1] - m[1]) * (y[1] - m[1])) / (2 * v) - Math.log(2 * Math.PI * v);
    });
  }
  // Log density of a point at a level, up to nothing: the same number as in Python.
  T.logDensity = function (data, y, outside, d, level) {
    var logs = logTerms(data, y, level), top = Math.max.apply(null, logs), sum = 0, v = level * level;
    logs.forEach(function (value) { sum += Math.exp(value - top); });
    return top + Math.log(sum / logs.length) - outside / (2 * v) - (d - 2) / 2 * Math.log(2 * Math.PI * v);
  };
  // The level at which the point is likeliest: the best of a grid, then golden section.
  T.level = function (data, y, outside, d) {
    var high = Math.log(3 * Math.max(Math.sqrt(y[0] * y[0] + y[1] * y[1] + outside), 0.1)), step = (high - LOWEST) / (NODES - 1), best = -Infinity, at = 0;
    function value(log) { return T.logDensity(data, y, outside, d, Math.exp(log)); }
    for (var j = 0; j < NODES; j++) {
      var found = value(LOWEST + j * step);
      if (found > best) { best = found; at = j; }
    }
    var low = LOWEST + Math.max(0, at - 1) * step, top = LOWEST + Math.min(NODES - 1, at + 1) * step;
    for (var k = 0; k < 24; k++) {
      var a = top - GOLDEN * (top - low), b = low + GOLDEN * (top - low);
      if (value(a) > value(b)) top = b; else low = a;
    }
    return Math.exp((low + top) / 2);
  };
  // What the told denoiser answers: the mean of the clouds' own answers, by their shares.
  T.denoise = function (data, y, level) {
    var logs = logTerms(data, y, level), top = Math.max.apply(null, logs), sum = 0, c = [0, 0];
    logs.forEach(function (value, i) {
      var w = Math.exp(value - top);
      sum += w; c[0] += w * data.means[i][0]; c[1] += w * data.means[i][1];
    });
    var kept = data.std * data.std / (data.std * data.std + level * level);
    return [0, 1].map(function (i) { return c[i] / sum + kept * (y[i] - c[i] / sum); });
  };
  // Euler steps without noise from a point to its end in the plane.
  T.end = function (data, y, outside, d) {
    var x = y;
    for (var n = 0; n < MOST; n++) {
      x = T.denoise(data, y, T.level(data, y, outside, d));
      var r = [x[0] - y[0], x[1] - y[1]];
      if (Math.sqrt((r[0] * r[0] + r[1] * r[1] + outside) / d) <= LEAST) break;
      y = [y[0] + data.step * r[0], y[1] + data.step * r[1]];
      outside *= (1 - data.step) * (1 - data.step);
    }
    return x;
  };
  T.radius = function (data, x) {
    return Math.min.apply(null, data.means.map(function (m) { return Math.hypot(x[0] - m[0], x[1] - m[1]); }));
  };
  function spread(values) {
    var mean = values.reduce(function (a, b) { return a + b; }, 0) / values.length;
    return {mean: mean, sd: Math.sqrt(values.reduce(function (a, b) { return a + (b - mean) * (b - mean); }, 0) / (values.length - 1))};
  }

  // Points that keep their coordinates as d grows: the sums of squares of 0, 1, 2, ... empty ones.
  function drawn(random, count, most, scale, clean) {
    return Array.from({length: count}, function () {
      var x = clean(), sums = new Float64Array(most - 1), y = [x[0] + scale * random.normal(), x[1] + scale * random.normal()];
      for (var j = 1; j < sums.length; j++) { var z = scale * random.normal(); sums[j] = sums[j - 1] + z * z; }
      return {y: y, sums: sums};
    });
  }

  function canvas(panel) {
    var c = panel.querySelector("canvas"), ctx = c.getContext("2d");
    ctx.clearRect(0, 0, c.width, c.height);
    ctx.font = "15px sans-serif";
    ctx.textAlign = "center";
    return {ctx: ctx, w: c.width, h: c.height};
  }

  D.kinds.thermometers = function (root, data) {
    var random = T.normals(data.seed), most = data.d[data.d.length - 1], BINS = 48, TOP = 3;
    var points = drawn(random, data.points, most, 1, function () {
      var m = data.means[random.uniform() < 0.5 ? 0 : 1];
      return [m[0] + data.std * random.normal(), m[1] + data.std * random.normal()];
    });
    var particles = drawn(random, data.particles, most, 4, function () { return [0, 0]; });
    var slider = root.querySelector("input[type=range]"), output = root.querySelector("output"), live = root.querySelector(".dp-live");
    var panels = root.querySelectorAll(".dp-panel"), ends = {};
    function colour(name) { return D.colour(root, name); }

    function histogram(d) {
      var levels = points.map(function (p) { var s = T.level(data, p.y, p.sums[d - 2], d); return s * s; }), counts = new Array(BINS).fill(0);
      levels.forEach(function (v) { counts[Math.min(BINS - 1, Math.floor(v / TOP * BINS))]++; });
      var g = canvas(panels[0]), high = Math.max.apply(null, counts), base = g.h - 30, width = g.w / BINS;
      g.ctx.fillStyle = colour("high");
      counts.forEach(function (c, i) { g.ctx.fillRect(i * width + 1, base - c / high * (base - 14), width - 2, c / high * (base - 14)); });
      g.ctx.fillStyle = g.ctx.strokeStyle = colour("second");
      g.ctx.fillRect(g.w / TOP - 1, 6, 2, base - 6);
      if (d > 2) { // the law, as a bar of one standard deviation on either side of the truth
        var half = Math.sqrt(2 / (d - 2)) / TOP * g.w, y = base - 20;
        g.ctx.lineWidth = 4;
        g.ctx.beginPath(); g.ctx.moveTo(Math.max(0, g.w / TOP - half), y); g.ctx.lineTo(Math.min(g.w, g.w / TOP + half), y); g.ctx.stroke();
      }
      g.ctx.fillStyle = colour("ink");
      [0.5, 1, 1.5, 2, 2.5].forEach(function (v) { g.ctx.fillText(v, v / TOP * g.w, g.h - 8); });
      return spread(levels);
    }
    function scatter(d) {
      ends[d] = ends[d] || particles.map(function (p) { return T.end(data, p.y, p.sums[d - 2], d); });
      var g = canvas(panels[1]), scale = g.w / 7.2;
      g.ctx.fillStyle = colour("accent");
      ends[d].forEach(function (x) {
        g.ctx.beginPath(); g.ctx.arc(g.w / 2 + scale * x[0], g.h / 2 - scale * x[1], 2.2, 0, 2 * Math.PI); g.ctx.fill();
      });
      var s = spread(ends[d].map(function (x) { return T.radius(data, x); }));
      return s.sd / s.mean;
    }
    var paint = D.soon(function () {
      var d = data.d[Number(slider.value)], s = histogram(d), v = scatter(d);
      var expected = d > 2 ? ", law " + Math.sqrt(2 / (d - 2)).toFixed(2) : ", no law";
      panels[0].querySelector("b").textContent = "sd " + s.sd.toFixed(2) + expected;
      panels[1].querySelector("b").textContent = "radius varies by " + v.toFixed(2);
      output.textContent = d;
      slider.setAttribute("aria-valuetext", d + " dimensions");
      live.textContent = d + " dimensions: standard deviation " + s.sd.toFixed(2) + expected + "; radius varies by " + v.toFixed(2);
    });
    slider.addEventListener("input", paint);
    D.onTheme(paint);
    root.querySelector(".dp-controls").hidden = false;
    root.querySelector(".dp-static").hidden = true;
    paint();
  };
})(window.DPrior);
