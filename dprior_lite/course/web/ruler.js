// The turning ruler: points, where they fold to on the ruler, what the decoder makes of the place, and the error curve.
DPrior.kinds.ruler = function (root, data) {
  "use strict";
  var D = DPrior, A = D.arms, EXTENT = 1.3, MOST = 181;
  var slider = root.querySelector("input[type=range]"), output = root.querySelector("output"), live = root.querySelector(".dp-live");
  var plane = root.querySelector("[data-plane]"), curve = root.querySelector("[data-curve]");
  var errors = [], angle = Number(slider.value);

  function error(at) {
    if (errors[at] === undefined) errors[at] = A.error(data, at);
    return errors[at];
  }
  function known() { return errors.map(function (e, at) { return at; }).filter(function (at) { return errors[at] !== undefined; }); }
  function best() { return known().reduce(function (a, b) { return errors[b] < errors[a] ? b : a; }); }

  function sheet(canvas, high) {
    var width = canvas.clientWidth || 420, ratio = window.devicePixelRatio || 1, ctx = canvas.getContext("2d");
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(high * width * ratio);
    ctx.scale(ratio, ratio);
    ctx.clearRect(0, 0, width, high * width);
    return {ctx: ctx, width: width, height: high * width};
  }
  function line(ctx, a, b) { ctx.beginPath(); ctx.moveTo(a[0], a[1]); ctx.lineTo(b[0], b[1]); ctx.stroke(); }
  function dot(ctx, p, radius) { ctx.beginPath(); ctx.arc(p[0], p[1], radius, 0, 2 * Math.PI); ctx.fill(); }

  function drawPlane() {
    var s = sheet(plane, 1), ctx = s.ctx, u = A.direction(angle);
    function at(p) { return [(p[0] / EXTENT + 1) * s.width / 2, (1 - p[1] / EXTENT) * s.width / 2]; }
    var ink = D.colour(root, "arrow"), second = D.colour(root, "second"), quiet = D.colour(root, "quiet");

    // the ruler, and the points on it
    ctx.strokeStyle = quiet;
    ctx.lineWidth = 5;
    ctx.globalAlpha = 0.35;
    line(ctx, at([-1.25 * u[0], -1.25 * u[1]]), at([1.25 * u[0], 1.25 * u[1]]));
    data.points.forEach(function (p) {
      var m = p[0] * u[0] + p[1] * u[1], guess = A.given(data, m, angle).mean;
      ctx.globalAlpha = 0.3;
      ctx.lineWidth = 1;
      ctx.strokeStyle = second;
      line(ctx, at(p), at(guess));
      ctx.globalAlpha = 1;
      ctx.fillStyle = quiet;
      dot(ctx, at([m * u[0], m * u[1]]), 1.6);
      ctx.fillStyle = ink;
      dot(ctx, at(p), 2.6);
      ctx.strokeStyle = second;
      ctx.lineWidth = 1.4;
      ctx.beginPath();
      ctx.arc(at(guess)[0], at(guess)[1], 4, 0, 2 * Math.PI);
      ctx.stroke();
    });
  }

  function drawCurve() {
    var s = sheet(curve, 0.45), ctx = s.ctx, left = 44, foot = 34, top = 0.28;
    function at(a, e) { return [left + (s.width - left - 10) * a / 180, (s.height - foot) * (1 - e / top) + 4]; }
    ctx.fillStyle = D.colour(root, "quiet");
    ctx.strokeStyle = D.colour(root, "line");
    ctx.font = "12px sans-serif";
    [0, 0.1, 0.2].forEach(function (e) { line(ctx, at(0, e), at(180, e)); ctx.fillText(e.toFixed(1), 14, at(0, e)[1] + 4); });
    [0, 45, 90, 135, 180].forEach(function (a) { ctx.fillText(a + "°", at(a, 0)[0] - 8, s.height - foot + 20); });
    ctx.fillStyle = D.colour(root, "arrow");
    known().forEach(function (a) { dot(ctx, at(a, errors[a]), 2); });
    ctx.fillStyle = D.colour(root, "second");
    dot(ctx, at(angle, error(angle)), 5);
  }

  function show(name, text) { root.querySelector('[data-show="' + name + '"]').textContent = text; }
  var paint = D.soon(function () {
    error(angle);
    drawPlane();
    drawCurve();
    show("angle", angle + "°");
    show("error", error(angle).toFixed(4));
    show("best", errors[best()].toFixed(4) + " at " + best() + "°");
    live.textContent = "angle " + angle + " degrees, error " + error(angle).toFixed(3);
  });
  function set(value) {
    angle = value;
    output.textContent = angle + "°";
    slider.setAttribute("aria-valuetext", angle + " degrees");
    paint();
  }

  slider.addEventListener("input", function () { set(Number(slider.value)); });
  root.querySelector("[data-all]").addEventListener("click", function () {
    for (var a = 0; a < MOST; a += 2) error(a);
    paint();
  });
  root.querySelectorAll("[data-live]").forEach(function (part) { part.hidden = false; });
  D.onTheme(paint);
  window.addEventListener("resize", paint);
  set(data.start);
};
