// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A session in numbers: once a second its statistics as a table, and its
// bitrate of the last minute as a curve.

const INTERVAL_MS = 1000;
const N_POINTS = 60;

function formatBitrate(bps) {
  return bps >= 1e6 ? `${(bps / 1e6).toFixed(2)} Mbit/s`
    : `${Math.round(bps / 1e3)} kbit/s`;
}

/* The next of 1, 2, 5, 10, … Mbit/s and so on that is no less */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));

  return [1, 2, 5, 10].find((step) => step * power >= value) * power;
}

function find(stats, type, kind) {
  return stats.find((one) => one.type === type
    && (!kind || one.kind === kind));
}

/* Rows of the table; what is not known is left out. */
function describe(stats, inbound) {
  const prefix = inbound ? 'inbound' : 'outbound';
  const video = find(stats, `${prefix}-rtp`, 'video');
  const audio = find(stats, `${prefix}-rtp`, 'audio');
  const remote = find(stats, 'remote-inbound-rtp', 'video');
  const pair = stats.find((one) => one.type === 'candidate-pair'
    && one.nominated);
  const codecs = [video, audio].map((one) => stats.find(
    (other) => other.type === 'codec' && other.id === one?.codecId))
    .filter(Boolean).map((codec) => codec.mimeType.split('/')[1]);
  const lost = inbound ? video?.packetsLost : remote?.packetsLost;
  const delay = video?.jitterBufferEmittedCount > 0
    ? video.jitterBufferDelay / video.jitterBufferEmittedCount : undefined;

  return [
    ['Codecs', codecs.join(', ') || undefined],
    ['Picture', video?.frameWidth
      && `${video.frameWidth} × ${video.frameHeight}`],
    ['Frames a second', video?.framesPerSecond],
    ['Packets lost', lost],
    ['Asked for again', video?.nackCount],
    ['Key frames', inbound ? video?.keyFramesDecoded : video?.keyFramesEncoded],
    ['Round trip', pair?.currentRoundTripTime !== undefined
      ? `${Math.round(pair.currentRoundTripTime * 1000)} ms` : undefined],
    ['Jitter buffer', delay !== undefined
      ? `${Math.round(delay * 1000)} ms` : undefined],
  ].filter(([, value]) => value !== undefined);
}

export class Numbers {
  constructor(section, inbound) {
    this.canvas = section.querySelector('canvas');
    this.table = section.querySelector('dl');
    this.inbound = inbound;
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.stop();
  }

  start(connection) {
    this.stop();
    this.timer = setInterval(() => this.look(connection), INTERVAL_MS);
  }

  stop() {
    clearInterval(this.timer);
    this.points = [];
    this.last = null;
    this.constraint = undefined;
    this.table.replaceChildren();
    this.draw();
  }

  async look(connection) {
    const stats = [...(await connection.getStats()).values()];
    const type = this.inbound ? 'inbound-rtp' : 'outbound-rtp';
    const name = this.inbound ? 'bytesReceived' : 'bytesSent';
    const bytes = stats.filter((one) => one.type === type)
      .reduce((sum, one) => sum + one[name], 0);
    const now = performance.now();

    if (this.last) {
      const bitrate = 8000 * (bytes - this.last.bytes) / (now - this.last.now);

      this.points.push({ bitrate, constraint: this.constraint });
      this.points = this.points.slice(-N_POINTS);
      this.show([['Bitrate', formatBitrate(bitrate)],
        ['Allowed', this.constraint && formatBitrate(this.constraint)],
        ...describe(stats, this.inbound)].filter(([, value]) =>
        value !== undefined));
    }
    this.last = { bytes, now };
    this.draw();
  }

  show(rows) {
    this.table.replaceChildren(...rows.flatMap(([name, value]) => {
      const term = document.createElement('dt');
      const data = document.createElement('dd');

      term.textContent = name;
      data.textContent = value;
      return [term, data];
    }));
  }

  draw() {
    const scale = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const painter = this.canvas.getContext('2d');
    const colours = getComputedStyle(this.canvas);
    const top = roundUp(Math.max(100000, ...this.points.flatMap(
      ({ bitrate, constraint }) => [bitrate, constraint ?? 0])));

    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    painter.scale(scale, scale);
    this.drawGrid({ width, height, top });
    this.drawLine('constraint', '--second', { width, height, top });
    this.drawLine('bitrate', '--accent', { width, height, top, isFilled: true });
  }

  /* What the height means, and which line is which */
  drawGrid({ width, height, top }) {
    const painter = this.canvas.getContext('2d');
    const colours = getComputedStyle(this.canvas);
    const names = [['bitrate', '--accent'],
      ...this.points.some(({ constraint }) => constraint)
        ? [['allowed', '--second']] : []];
    let x = width;

    painter.strokeStyle = colours.getPropertyValue('--line');
    for (const share of [0, 0.5, 1]) {
      const y = Math.round(this.getY(share * top, height, top)) + 0.5;

      painter.beginPath();
      painter.moveTo(0, y);
      painter.lineTo(width, y);
      painter.stroke();
    }
    painter.font = '12px system-ui, sans-serif';
    painter.fillStyle = colours.getPropertyValue('--soft');
    painter.fillText(formatBitrate(top), 0, 12);
    painter.textAlign = 'right';
    for (const [name, colour] of names.reverse()) {
      painter.fillStyle = colours.getPropertyValue(colour);
      painter.fillText(name, x, 12);
      x -= painter.measureText(name).width + 12;
    }
    painter.fillStyle = colours.getPropertyValue('--soft');
    painter.fillText('now', width, height - 4);
    painter.textAlign = 'left';
    painter.fillText(`${N_POINTS} s ago`, 0, height - 4);
  }

  getY(value, height, top) {
    return height - 18 - (height - 38) * (value / top);
  }

  /* From the right edge, where now is; a dot says where it has got to. */
  drawLine(name, colour, { width, height, top, isFilled }) {
    const painter = this.canvas.getContext('2d');
    const places = this.points.map((point, index) => ({
      x: 4 + (width - 8) * (1 - (this.points.length - 1 - index)
        / (N_POINTS - 1)),
      y: this.getY(point[name], height, top),
    })).filter(({ y }) => !Number.isNaN(y));
    const last = places.at(-1);

    if (!last) {
      return;
    }
    painter.strokeStyle = getComputedStyle(this.canvas)
      .getPropertyValue(colour);
    painter.fillStyle = painter.strokeStyle;
    painter.lineWidth = 2;
    painter.beginPath();
    places.forEach(({ x, y }) => painter.lineTo(x, y));
    painter.stroke();
    if (isFilled) {
      painter.lineTo(last.x, this.getY(0, height, top));
      painter.lineTo(places[0].x, this.getY(0, height, top));
      painter.globalAlpha = 0.12;
      painter.fill();
      painter.globalAlpha = 1;
    }
    painter.beginPath();
    painter.arc(last.x, last.y, 3, 0, 2 * Math.PI);
    painter.fill();
  }
}
