/* Reads our vector tiles into typed arrays, once a tile; wire format as the encoder's docs say.
 *
 * A tile becomes { kind: "parcels", ids, box, ringAt, vertexAt, xy, stepAt, day, code, now } or
 * { kind: "grid", ids (cells), stepAt, day, from, to, m2, now }; `now` holds the status of each
 * on the day last asked for, GONE where there is none.
 */
(function () {
  "use strict";
  var dtg = window.dtg, GONE = 8, DAY_OFFSET = 32768;
  dtg.GONE = GONE;

  function Reader(bytes) { this.bytes = bytes; this.at = 0; }

  /* Numbers up to 2 ** 53: shifts would cut them at 32 bits. */
  Reader.prototype.varint = function () {
    var value = 0, unit = 1, byte;
    do {
      byte = this.bytes[this.at];
      this.at += 1;
      value += (byte & 127) * unit;
      unit *= 128;
    } while (byte & 128);
    return value;
  };

  /* Calls back with each field's number; the reader stands at its content until `end`. */
  Reader.prototype.fields = function (end, take) {
    while (this.at < end) {
      var head = this.varint(), kind = head & 7, length = kind === 2 ? this.varint() : 0;
      var after = kind === 2 ? this.at + length : -1;
      take(head >> 3, after);
      if (kind === 2) { this.at = after; }
    }
  };

  function zigzag(n) { return (n >>> 1) ^ -(n & 1); }

  function signed(n) { return n % 2 ? -(n + 1) / 2 : n / 2; }

  dtg.readTile = function (buffer) {
    var bytes = new Uint8Array(buffer), reader = new Reader(bytes), layer = null;
    reader.fields(bytes.length, function (field, end) {
      if (field === 3) { layer = readLayer(reader, end); } else if (end < 0) { reader.varint(); }
    });
    if (!layer) { return null; }
    return layer.name.indexOf("grid") === 0 ? asGrid(layer) : asParcels(layer);
  };

  function readLayer(reader, end) {
    var layer = { name: "", ids: [], tagAt: [0], tags: [], shapeAt: [], values: [], bytes: reader.bytes };
    reader.fields(end, function (field, after) {
      if (field === 1) { layer.name = text(reader.bytes.subarray(reader.at, after)); }
      else if (field === 2) { readFeature(reader, after, layer); }
      else if (field === 4) { layer.values.push(readValue(reader, after)); }
      else if (after < 0) { reader.varint(); }
    });
    return layer;
  }

  function text(bytes) { return new TextDecoder().decode(bytes); }

  function readValue(reader, end) {
    var value = 0;
    reader.fields(end, function (field) {
      var raw = reader.varint();
      value = field === 6 ? signed(raw) : raw;
    });
    return value;
  }

  function readFeature(reader, end, layer) {
    reader.fields(end, function (field, after) {
      if (field === 1) { layer.ids.push(reader.varint()); }
      else if (field === 2) {
        while (reader.at < after) { reader.varint(); layer.tags.push(reader.varint()); }
        layer.tagAt.push(layer.tags.length);
      }
      else if (field === 3) { reader.varint(); }
      else if (field === 4) { layer.shapeAt.push(reader.at, after); }
      else if (after < 0) { reader.varint(); }
    });
  }

  function asGrid(layer) {
    var n = layer.tags.length, tile = { kind: "grid", n: layer.ids.length, size: Number(layer.name.slice(4)) || 1,
      ids: Uint16Array.from(layer.ids), stepAt: Int32Array.from(layer.tagAt),
      day: new Int32Array(n), from: new Uint8Array(n), to: new Uint8Array(n),
      m2: new Float64Array(n), now: new Uint8Array(layer.ids.length).fill(GONE), on: NaN };
    for (var i = 0; i < n; i += 1) {
      var s = layer.values[layer.tags[i]], rest = Math.floor(s / 65536);
      tile.day[i] = s % 65536 - DAY_OFFSET;
      tile.to[i] = rest % 9;
      tile.from[i] = Math.floor(rest / 9) % 9;
      tile.m2[i] = Math.floor(rest / 81);
    }
    return tile;
  }

  function asParcels(layer) {
    var n = layer.ids.length, steps = layer.tags.length, i;
    var tile = { kind: "parcels", n: n, ids: Float64Array.from(layer.ids),
      stepAt: Int32Array.from(layer.tagAt), day: new Int32Array(steps), code: new Uint8Array(steps),
      now: new Uint8Array(n).fill(GONE), on: NaN, box: new Int16Array(4 * n) };
    for (i = 0; i < steps; i += 1) {
      var t = layer.values[layer.tags[i]];
      tile.day[i] = Math.floor(t / 16);
      tile.code[i] = t - 16 * tile.day[i];
    }
    readShapes(layer, tile);
    return tile;
  }

  function readShapes(layer, tile) {
    var reader = new Reader(layer.bytes), xy = [], vertexAt = [], ringAt = [0], sides = 0;
    for (var i = 0; i < tile.n; i += 1) {
      reader.at = layer.shapeAt[2 * i];
      readRings(reader, layer.shapeAt[2 * i + 1], xy, vertexAt);
      var first = vertexAt[ringAt[i]], box = [32767, 32767, -32768, -32768];
      for (var v = first; v < xy.length / 2; v += 1) {
        box[0] = Math.min(box[0], xy[2 * v]);
        box[1] = Math.min(box[1], xy[2 * v + 1]);
        box[2] = Math.max(box[2], xy[2 * v]);
        box[3] = Math.max(box[3], xy[2 * v + 1]);
      }
      tile.box.set(box, 4 * i);
      sides += Math.max(box[2] - box[0], box[3] - box[1]);
      ringAt.push(vertexAt.length);
    }
    vertexAt.push(xy.length / 2);
    tile.xy = Int16Array.from(xy);
    tile.vertexAt = Int32Array.from(vertexAt);
    tile.ringAt = Int32Array.from(ringAt);
    tile.side = tile.n ? sides / tile.n : 0;
  }

  /* MoveTo begins a ring, ClosePath ends it; the pen goes on from one ring to the next. */
  function readRings(reader, end, xy, vertexAt) {
    var x = 0, y = 0;
    while (reader.at < end) {
      var command = reader.varint(), kind = command & 7, count = command >> 3;
      if (kind === 1) { vertexAt.push(xy.length / 2); }
      for (var i = 0; kind !== 7 && i < count; i += 1) {
        x += zigzag(reader.varint());
        y += zigzag(reader.varint());
        xy.push(x, y);
      }
    }
  }

  /* ---- any day, without asking again -------------------------------------------------- */

  dtg.dayOf = function (iso) { return Math.round((Date.parse(iso) - Date.UTC(2000, 0, 1)) / 864e5); };

  dtg.isoOf = function (day) { return new Date(Date.UTC(2000, 0, 1 + day)).toISOString().slice(0, 10); };

  dtg.settle = function (tile, day) {
    if (tile.on === day) { return; }
    tile.on = day;
    if (tile.kind === "grid") { settleGrid(tile, day); } else { settleParcels(tile, day); }
  };

  /* Place of the step that holds on a day, or -1. */
  dtg.stepOn = function (tile, i, day) {
    var at = -1;
    for (var k = tile.stepAt[i]; k < tile.stepAt[i + 1] && tile.day[k] <= day; k += 1) { at = k; }
    return at;
  };

  /* How many of its steps each has taken; from day to day only what lies between is looked at. */
  function settleParcels(tile, day) {
    if (!tile.at) {
      tile.at = tile.stepAt.slice(0, tile.n);
      tile.now.fill(GONE);
    }
    for (var i = 0; i < tile.n; i += 1) {
      var k = tile.at[i], first = tile.stepAt[i], end = tile.stepAt[i + 1];
      while (k < end && tile.day[k] <= day) { k += 1; }
      while (k > first && tile.day[k - 1] > day) { k -= 1; }
      if (k !== tile.at[i]) {
        tile.at[i] = k;
        tile.now[i] = k === first ? GONE : tile.code[k - 1];
      }
    }
  }

  /* The status with most land gives a cell its colour. Areas are whole numbers: what is put back is exact. */
  function settleGrid(tile, day) {
    if (!tile.at) {
      tile.area = new Float64Array(9 * tile.n);
      tile.at = tile.stepAt.slice(0, tile.n);
      tile.now.fill(GONE);
    }
    for (var i = 0; i < tile.n; i += 1) {
      var k = tile.at[i], first = tile.stepAt[i], end = tile.stepAt[i + 1];
      while (k < end && tile.day[k] <= day) { post(tile, i, k, 1); k += 1; }
      while (k > first && tile.day[k - 1] > day) { k -= 1; post(tile, i, k, -1); }
      if (k !== tile.at[i]) {
        tile.at[i] = k;
        tile.now[i] = largest(tile.area, 9 * i);
      }
    }
  }

  function post(tile, i, k, sign) {
    tile.area[9 * i + tile.from[k]] -= sign * tile.m2[k];
    tile.area[9 * i + tile.to[k]] += sign * tile.m2[k];
  }

  function largest(area, base) {
    var most = GONE;
    for (var s = 0; s < GONE; s += 1) {
      if (area[base + s] > 0 && (most === GONE || area[base + s] > area[base + most])) { most = s; }
    }
    return most;
  }

  /* What a tile that has left the screen need not keep. */
  dtg.loosen = function (tile) {
    tile.at = tile.area = tile.picture = null;
    tile.on = NaN;
  };
})();
