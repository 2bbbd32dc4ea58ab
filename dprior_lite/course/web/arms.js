// Points on straight strokes and one noisy measurement of them, in closed form. A toy is
// {arms: [{angle, first, last, weight}, ...], std, noise}; angles are in degrees.
window.DPrior.arms = (function () {
  "use strict";
  var TINY = 1e-150, NARROW = 1e-2, REACH = 6;

  // Probability of a standard Gaussian below x: a series of positive terms near 0, a continued fraction in the tails.
  function below(x) {
    if (x > 0) return 1 - below(-x);
    if (x < -38) return 0;
    var a = -x, sum = a, term = a, n;
    if (a < 2) {
      for (n = 1; term > 1e-17 * sum && n < 200; n++) { term *= a * a / (2 * n + 1); sum += term; }
      return 0.5 - bell(x) * sum;
    }
    for (sum = a, n = 120; n > 0; n--) sum = a + n / sum;
    return bell(x) / sum;
  }

  function bell(x) { return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI); }

  // Probability of an interval, and the mean of a standard Gaussian in it, less its middle. A narrow interval has both
  // by their series.
  function cut(middle, width) {
    if (Math.abs(width) * Math.max(1, Math.abs(middle)) < NARROW) {
      return {mass: bell(middle) * width * (1 + (middle * middle - 1) * width * width / 24), away: -middle * width * width / 12};
    }
    var low = middle - width / 2, high = middle + width / 2;
    var mass = middle > 0 ? below(-low) - below(-high) : below(high) - below(low);
    var mean = Math.abs(mass) < TINY ? (Math.abs(low) < Math.abs(high) ? low : high) : (bell(low) - bell(high)) / mass;
    return {mass: mass, away: mean - middle};
  }

  function direction(angle) { return [Math.cos(angle * Math.PI / 180), Math.sin(angle * Math.PI / 180)]; }
  function dot(a, b) { return a[0] * b[0] + a[1] * b[1]; }

  // Density of the measurement m, and the posterior mean of the point.
  function given(toy, m, angle) {
    var u = direction(angle), density = 0, mean = [0, 0];
    toy.arms.forEach(function (arm) {
      var along = direction(arm.angle), across = direction(arm.angle + 90), c = dot(u, along), s = dot(u, across);
      if (Math.abs(c) < 1e-6) c = 1e-6;
      var variance = toy.std * toy.std * s * s + toy.noise * toy.noise, std = Math.sqrt(variance);
      var middle = (arm.first + arm.last) / 2, part = cut((middle * c - m) / std, (arm.last - arm.first) * c / std);
      var p = arm.weight * part.mass / (c * (arm.last - arm.first));
      var t = middle + std / c * part.away, w = toy.std * toy.std * s / variance * (m - t * c);
      density += p;
      [0, 1].forEach(function (i) { mean[i] += p * (t * along[i] + w * across[i]); });
    });
    return {density: density, mean: mean.map(function (v) { return v / Math.max(density, TINY); })};
  }

  // Expected squared error of the best decoder.
  function error(toy, angle) {
    var reach = REACH * (toy.std + toy.noise), second = toy.std * toy.std;
    toy.arms.forEach(function (a) {
      second += a.weight * (a.first * a.first + a.first * a.last + a.last * a.last) / 3;
      reach = Math.max(reach, Math.max(Math.abs(a.first), Math.abs(a.last)) + REACH * (toy.std + toy.noise));
    });
    // the density is smooth on the scale of the noise: four places a standard deviation give all digits
    var places = Math.ceil(8 * reach / toy.noise), step = 2 * reach / (places - 1), sum = 0;
    for (var i = 0; i < places; i++) {
      var found = given(toy, -reach + i * step, angle), part = found.density * dot(found.mean, found.mean);
      sum += i === 0 || i === places - 1 ? part / 2 : part;
    }
    return second - sum * step;
  }

  return {below: below, given: given, error: error, direction: direction};
})();
