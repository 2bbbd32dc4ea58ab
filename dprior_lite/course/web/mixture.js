// A mixture of round Gaussians in any number of dimensions, in closed form. Points are arrays of d numbers;
// a mixture is {means: [point, ...], stds: [s, ...], weights: [w, ...]}.
window.DPrior.mixture = (function (layers) {
  "use strict";
  function squaredDistance(a, b) {
    return a.reduce(function (sum, value, i) { return sum + (value - b[i]) * (value - b[i]); }, 0);
  }

  // log(w_k N(y; m_k, (s_k^2 + sigma^2) I)) of each cloud.
  function terms(m, y, sigma) {
    return m.means.map(function (mean, k) {
      var v = m.stds[k] * m.stds[k] + sigma * sigma;
      return Math.log(m.weights[k]) - 0.5 * squaredDistance(y, mean) / v - 0.5 * y.length * Math.log(2 * Math.PI * v);
    });
  }

  function logSumExp(values) {
    var top = Math.max.apply(null, values);
    return top + Math.log(values.reduce(function (sum, value) { return sum + Math.exp(value - top); }, 0));
  }

  function logDensity(m, y, sigma) { return logSumExp(terms(m, y, sigma)); }

  // Probability of each cloud given y.
  function shares(m, y, sigma) {
    var logs = terms(m, y, sigma), total = logSumExp(logs);
    return logs.map(function (value) { return Math.exp(value - total); });
  }

  // The sum over clouds of share times point.
  function average(weights, points) {
    return points[0].map(function (_, i) {
      return weights.reduce(function (sum, weight, k) { return sum + weight * points[k][i]; }, 0);
    });
  }

  function gain(m, k, sigma) { return m.stds[k] * m.stds[k] / (m.stds[k] * m.stds[k] + sigma * sigma); }

  // What each cloud alone would answer: its Wiener filter.
  function wiener(m, y, sigma) {
    return m.means.map(function (mean, k) {
      return mean.map(function (value, i) { return value + gain(m, k, sigma) * (y[i] - value); });
    });
  }

  function posteriorMean(m, y, sigma) { return average(shares(m, y, sigma), wiener(m, y, sigma)); }

  function score(m, y, sigma) {
    return average(shares(m, y, sigma), m.means.map(function (mean, k) {
      return mean.map(function (value, i) { return (value - y[i]) / (m.stds[k] * m.stds[k] + sigma * sigma); });
    }));
  }

  // Jacobian of the posterior mean: posterior covariance over sigma^2, (d, d).
  function jacobian(m, y, sigma) {
    var weights = shares(m, y, sigma), means = wiener(m, y, sigma), centre = average(weights, means);
    return y.map(function (_, i) {
      return y.map(function (_, j) {
        return weights.reduce(function (sum, weight, k) {
          var spread = (means[k][i] - centre[i]) * (means[k][j] - centre[j]) / (sigma * sigma);
          return sum + weight * (spread + (i === j ? gain(m, k, sigma) : 0));
        }, 0);
      });
    });
  }

  return {logDensity: logDensity, score: score, posteriorMean: posteriorMean, jacobian: jacobian, shares: shares,
          layers: layers};
})((window.DPrior.mixture || {}).layers || {});
