/* Parcels that lie in the page itself, cut into the tiles that the map's canvas asks for. */
(function () {
  "use strict";
  var dtg = window.dtg, EXTENT = 4096, MARGIN = 64, FLAGS = ["", "停工", "停产"];

  function numbers(text, Kind) {
    var raw = atob(text), bytes = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i += 1) { bytes[i] = raw.charCodeAt(i); }
    return new Kind(bytes.buffer);
  }

  /* Rows count from 0, tiles know a parcel by its row and one. */
  dtg.LocalParcels = function (given) {
    this.given = given;
    this.status = numbers(given.status, Uint8Array);
    this.flags = numbers(given.flags, Uint8Array);
    this.ringAt = numbers(given.ring_at, Int32Array);
    this.vertexAt = numbers(given.vertex_at, Int32Array);
    this.units = numbers(given.xy, Int32Array);
    this.rowOf = new Map(given.numbers.map(function (number, row) { return [number, row]; }));
    this.world = new Float64Array(this.units.length);
    for (var v = 0; v < this.units.length; v += 2) {
      var at = this.lonLat(v), sine = Math.sin(at[1] * Math.PI / 180);
      this.world[v] = (at[0] + 180) / 360;
      this.world[v + 1] = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
    }
    this.boxes = this.measure();
  };

  dtg.LocalParcels.prototype = {
    lonLat: function (v) {
      var given = this.given;
      return [given.corner[0] + this.units[v] * given.step, given.corner[1] + this.units[v + 1] * given.step];
    },

    measure: function () {
      var n = this.given.numbers.length, boxes = new Float64Array(4 * n);
      for (var row = 0; row < n; row += 1) {
        var box = [Infinity, Infinity, -Infinity, -Infinity];
        var first = this.vertexAt[this.ringAt[row]], end = this.vertexAt[this.ringAt[row + 1]];
        for (var v = first; v < end; v += 1) {
          box[0] = Math.min(box[0], this.world[2 * v]);
          box[1] = Math.min(box[1], this.world[2 * v + 1]);
          box[2] = Math.max(box[2], this.world[2 * v]);
          box[3] = Math.max(box[3], this.world[2 * v + 1]);
        }
        boxes.set(box, 4 * row);
      }
      return boxes;
    },

    /* What a tile of the app is once it has been read (mvt.js), with a single step a parcel. */
    tile: function (z, x, y) {
      var side = Math.pow(2, z), margin = MARGIN / EXTENT, boxes = this.boxes, rows = [];
      var west = (x - margin) / side, east = (x + 1 + margin) / side;
      var north = (y - margin) / side, south = (y + 1 + margin) / side;
      for (var row = 0; row < this.given.numbers.length; row += 1) {
        var b = 4 * row;
        if (boxes[b] <= east && boxes[b + 2] >= west && boxes[b + 1] <= south && boxes[b + 3] >= north) {
          rows.push(row);
        }
      }
      return rows.length ? this.cut(rows, side, x, y) : null;
    },

    cut: function (rows, side, x, y) {
      var n = rows.length, ringAt = new Int32Array(n + 1), vertexAt = [], xy = [], sides = 0;
      var tile = { kind: "parcels", n: n, ids: new Float64Array(n), box: new Float64Array(4 * n),
        stepAt: new Int32Array(n + 1), day: new Int32Array(n), code: new Uint8Array(n),
        now: new Uint8Array(n).fill(dtg.GONE), on: NaN, ringAt: ringAt };
      for (var i = 0; i < n; i += 1) {
        var row = rows[i];
        tile.ids[i] = row + 1;
        tile.code[i] = this.status[row];
        tile.day[i] = dtg.dayOf(this.given.since[row]);
        tile.stepAt[i + 1] = i + 1;
        for (var ring = this.ringAt[row]; ring < this.ringAt[row + 1]; ring += 1) {
          vertexAt.push(xy.length / 2);
          // A closed ring repeats its first corner.
          for (var v = this.vertexAt[ring]; v < this.vertexAt[ring + 1] - 1; v += 1) {
            xy.push((this.world[2 * v] * side - x) * EXTENT, (this.world[2 * v + 1] * side - y) * EXTENT);
          }
        }
        ringAt[i + 1] = vertexAt.length;
        for (var k = 0; k < 4; k += 1) {
          tile.box[4 * i + k] = (this.boxes[4 * row + k] * side - (k % 2 ? y : x)) * EXTENT;
        }
        sides += Math.max(tile.box[4 * i + 2] - tile.box[4 * i], tile.box[4 * i + 3] - tile.box[4 * i + 1]);
      }
      vertexAt.push(xy.length / 2);
      tile.vertexAt = Int32Array.from(vertexAt);
      tile.xy = Float32Array.from(xy);
      tile.side = sides / n;
      return tile;
    },

    /* As the app's parcels.json has it. */
    info: function (row) {
      var given = this.given, step = { from: "0001-01-01", since: given.since[row],
        status: given.statuses[this.status[row]], area_mu: given.mu[row] };
      var flag = FLAGS[this.flags[row] >> 1 & 1] || (this.flags[row] & 4 ? FLAGS[2] : "");
      if (flag) { step.flag = flag; }
      return { id: "parcel:" + given.numbers[row], tile_id: row + 1, name: given.numbers[row],
               origin: this.flags[row] & 1 ? "filled_sea" : "land", steps: [step] };
    },

    feature: function (row) {
      var rings = [];
      for (var ring = this.ringAt[row]; ring < this.ringAt[row + 1]; ring += 1) {
        var line = [];
        for (var v = this.vertexAt[ring]; v < this.vertexAt[ring + 1]; v += 1) { line.push(this.lonLat(2 * v)); }
        rings.push(line);
      }
      // Lines, not areas: which ring is a hole does not matter to an outline.
      var geometry = rings.length ? { type: "MultiLineString", coordinates: rings } : null;
      return { type: "Feature", properties: this.info(row), geometry: geometry };
    },

    find: function (text) {
      var asked = text.toLowerCase(), hits = [];
      this.given.numbers.forEach(function (number) {
        var at = number.toLowerCase().indexOf(asked);
        if (at >= 0) { hits.push([at, number.length, number]); }
      });
      hits.sort(function (a, b) { return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1); });
      return hits.slice(0, 8).map(function (hit) { return hit[2]; });
    }
  };
})();
