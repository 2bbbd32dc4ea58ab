// Points on straight strokes and one noisy measurement of them, in closed form. A toy is
// {arms: [{angle, first, last, weight}, ...], std, noise}; angles are in degrees.
window.DPrior.arms = (function () {
  "use strict";
  var TINY = 1e-280, PLACES = 1001, REACH = 6;

  // Probability of a standard Gaussian below x: a series of positive terms near 0, a continued fraction in the tails.
  function below(x) {
    if (x > 0) return 1 - below(-x);
    if (x < -38) return 0;
    var bell = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI), a = -x, sum = a, term = a, n;
    if (a < 3) {
      for (n = 1; term > 1e-17 * sum && n < 200; n++) { term *= a * a / (2 * n + 1); sum += term; }
      return 0.5 - bell * sum;
    }
    for (sum = a, n = 80; n > 0; n--) sum = a + n / sum;
    return bell / sum;
  }

  function between(low, high) { return low + high > 0 ? below(-low) - below(-high) : below(high) - below(low); }

  // Mean of a standard Gaussian that is cut off at two numbers.
  function cutMean(low, high) {
    var mass = between(low, high);
    if (Math.abs(mass) < TINY) return Math.abs(low) < Math.abs(high) ? low : high;
    return (Math.exp(-low * low / 2) - Math.exp(-high * high / 2)) / Math.sqrt(2 * Math.PI) / mass;
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
      var low = (arm.first * c - m) / std, high = (arm.last * c - m) / std;
      var p = arm.weight * between(low, high) / (c * (arm.last - arm.first));
      var t = m / c + std / c * cutMean(low, high), w = toy.std * toy.std * s / variance * (m - t * c);
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
    var step = 2 * reach / (PLACES - 1), sum = 0;
    for (var i = 0; i < PLACES; i++) {
      var found = given(toy, -reach + i * step, angle), part = found.density * dot(found.mean, found.mean);
      sum += i === 0 || i === PLACES - 1 ? part / 2 : part;
    }
    return second - sum * step;
  }

  return {below: below, given: given, error: error, direction: direction};
})();
