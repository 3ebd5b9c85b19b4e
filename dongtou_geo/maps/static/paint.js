/* Paints tiles of parcels: status colours and hatches, from the same layer file as the legend. */
(function () {
  "use strict";
  var dtg = window.dtg, EXTENT = 4096, CELLS = 64;
  // A stroke takes ten times as long as a fill, and between specks it hides them.
  var STROKE_FROM_PX = 9, STROKE_UP_TO = 3000;

  dtg.makePalette = function (layer) {
    var kinds = dtg.config.statuses.map(function (value) { return dtg.kindOf(layer, value); });
    return {
      stroke: layer.style.stroke,
      weight: layer.style.weight,
      fills: kinds.map(function (kind) { return kind.hatch ? hatched(kind) : kind.fill; }),
      cells: kinds.map(function (kind) { return [rgba(kind.fill), rgba(kind.hatch || kind.fill)]; }),
      hidden: new Uint8Array(9)
    };
  };

  /* Diagonal bars that meet at the edges of the square: seven in 60 px, 6 px from one to the next. */
  function hatched(kind) {
    var side = 60, step = side / 7, box = document.createElement("canvas");
    box.width = side;
    box.height = side;
    var pen = box.getContext("2d");
    pen.fillStyle = kind.fill;
    pen.fillRect(0, 0, side, side);
    pen.strokeStyle = kind.hatch;
    pen.lineWidth = 2.4;
    for (var k = -1; k <= 15; k += 1) {
      pen.beginPath();
      pen.moveTo(k * step + 9, -9);
      pen.lineTo(k * step - side - 9, side + 9);
      pen.stroke();
    }
    return pen.createPattern(box, "repeat");
  }

  function rgba(hex) {
    return (0xff000000 | parseInt(hex.slice(5, 7), 16) << 16 | parseInt(hex.slice(3, 5), 16) << 8 |
      parseInt(hex.slice(1, 3), 16)) >>> 0;
  }

  /* `at` = { x, y, size, ratio }: the tile's corner and side in CSS pixels of the canvas. */
  dtg.paintTile = function (pen, tile, at, palette) {
    if (tile.kind === "grid") { colourGrid(tile, palette); paintGrid(pen, tile, at); return; }
    for (var status = 0; status < 8; status += 1) {
      if (!palette.hidden[status]) { fill(pen, tile, at, status, palette.fills[status], null); }
    }
    tile.drawn = tile.now.slice();
  };

  /* Only what changed since it was painted: from one quarter to the next that is one in ten. */
  dtg.repaintTile = function (pen, tile, at, palette) {
    if (tile.kind === "grid") {
      if (!colourGrid(tile, palette)) { return; }
      pen.clearRect(at.x, at.y, at.size, at.size);
      paintGrid(pen, tile, at);
      return;
    }
    for (var status = 0; status < 9; status += 1) {
      var gone = status === 8 || palette.hidden[status];
      if (gone) { pen.globalCompositeOperation = "destination-out"; }
      fill(pen, tile, at, status, gone ? "#000" : palette.fills[status], tile.drawn);
      pen.globalCompositeOperation = "source-over";
    }
    tile.drawn.set(tile.now);
  };

  function fill(pen, tile, at, status, ink, drawn) {
    var any = false;
    for (var i = 0; i < tile.n; i += 1) {
      if (tile.now[i] !== status || (drawn && drawn[i] === status)) { continue; }
      if (!any) { any = true; pen.beginPath(); enter(pen, at); }
      trace(pen, tile, i);
    }
    if (!any) { return; }
    leave(pen, at);
    pen.fillStyle = ink;
    pen.fill();
  }

  dtg.mayStroke = function (tiles, size) {
    var count = 0, side = 0;
    tiles.forEach(function (tile) {
      if (tile.kind === "parcels") { count += tile.n; side += tile.side * tile.n; }
    });
    return count > 0 && count <= STROKE_UP_TO && side / count * size / EXTENT >= STROKE_FROM_PX;
  };

  /* Within the tile alone: beyond it, an outline that was cut there has an edge of no parcel. */
  dtg.strokeTile = function (pen, tile, at, style, wanted) {
    if (tile.kind !== "parcels") { return; }
    pen.save();
    pen.beginPath();
    pen.rect(at.x, at.y, at.size, at.size);
    pen.clip();
    pen.beginPath();
    enter(pen, at);
    for (var i = 0; i < tile.n; i += 1) { if (wanted(i)) { trace(pen, tile, i); } }
    leave(pen, at);
    style.forEach(function (line) {
      pen.strokeStyle = line[0];
      pen.lineWidth = line[1];
      pen.lineJoin = "round";
      pen.stroke();
    });
    pen.restore();
  };

  function enter(pen, at) {
    var r = at.ratio, scale = at.size / EXTENT * r;
    pen.setTransform(scale, 0, 0, scale, at.x * r, at.y * r);
  }

  function leave(pen, at) { pen.setTransform(at.ratio, 0, 0, at.ratio, 0, 0); }

  function trace(pen, tile, i) {
    var xy = tile.xy;
    for (var ring = tile.ringAt[i]; ring < tile.ringAt[i + 1]; ring += 1) {
      var v = tile.vertexAt[ring], end = tile.vertexAt[ring + 1];
      pen.moveTo(xy[2 * v], xy[2 * v + 1]);
      for (v += 1; v < end; v += 1) { pen.lineTo(xy[2 * v], xy[2 * v + 1]); }
      pen.closePath();
    }
  }

  /* One pixel a cell, some for a coarse one, every third diagonal in the hatch's ink; tells whether any has changed. */
  function colourGrid(tile, palette) {
    var picture = tile.picture || (tile.picture = gridPicture()), dots = picture.dots, changed = false;
    for (var i = 0; i < tile.n; i += 1) {
      var status = tile.now[i], shown = status < 8 && !palette.hidden[status];
      for (var k = 0; k < tile.size * tile.size; k += 1) {
        var cell = tile.ids[i] + Math.floor(k / tile.size) * CELLS + k % tile.size;
        var ink = shown ? palette.cells[status][((cell >> 6) + (cell & 63)) % 3 === 0 ? 1 : 0] : 0;
        if (dots[cell] !== ink) {
          dots[cell] = ink;
          changed = true;
        }
      }
    }
    if (changed) { picture.pen.putImageData(picture.image, 0, 0); }
    return changed;
  }

  function gridPicture() {
    var box = document.createElement("canvas");
    box.width = CELLS;
    box.height = CELLS;
    // In memory: on a graphics card it would be sent there anew for every day.
    var pen = box.getContext("2d", { willReadFrequently: true }), image = pen.createImageData(CELLS, CELLS);
    return { box: box, pen: pen, image: image, dots: new Uint32Array(image.data.buffer) };
  }

  function paintGrid(pen, tile, at) {
    pen.imageSmoothingEnabled = false;
    pen.drawImage(tile.picture.box, at.x, at.y, at.size, at.size);
  }

  /* ---- what lies under a point ------------------------------------------------------------ */

  /* The row of the parcel at a point, in tile units; the last drawn one of several, or -1. */
  dtg.rowAt = function (tile, x, y, palette) {
    if (tile.kind !== "parcels") { return -1; }
    for (var i = tile.n - 1; i >= 0; i -= 1) {
      var b = 4 * i, status = tile.now[i];
      if (status < 8 && !palette.hidden[status] && x >= tile.box[b] && y >= tile.box[b + 1] &&
          x <= tile.box[b + 2] && y <= tile.box[b + 3] && inside(tile, i, x, y)) { return i; }
    }
    return -1;
  };

  function inside(tile, i, x, y) {
    var odd = false, xy = tile.xy;
    for (var ring = tile.ringAt[i]; ring < tile.ringAt[i + 1]; ring += 1) {
      var end = tile.vertexAt[ring + 1];
      for (var v = tile.vertexAt[ring], w = end - 1; v < end; w = v, v += 1) {
        var y1 = xy[2 * v + 1], y2 = xy[2 * w + 1];
        if ((y1 > y) !== (y2 > y) &&
            x < (xy[2 * w] - xy[2 * v]) * (y - y1) / (y2 - y1) + xy[2 * v]) { odd = !odd; }
      }
    }
    return odd;
  }
})();
