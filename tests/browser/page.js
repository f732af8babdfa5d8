// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the tests ask of a page with Ceeblue's client in it. The client is used
// from its npm package as it is; nothing of it is here.

import { Player, Streamer, StreamMetadata, WSController }
  from '@ceeblue/webrtc-client';

const video = document.getElementById('video');

/* Every event of the session in hand, in order: { name, args } */
const events = [];

/* The peer connections of this page: for what the client has no call for */
const connections = [];
const RealConnection = window.RTCPeerConnection;
window.RTCPeerConnection = class extends RealConnection {
  constructor(...args) {
    super(...args);
    connections.push(this);
  }
};

let session = null;
let metadata = null;
let frames = 0;
let analyser = null;
let context = null;

/* An event's arguments as far as they are data */
function toData(value) {
  if (value instanceof MediaStream) {
    return value.getTracks().map((track) => track.kind);
  }
  if (value instanceof Error) {
    return { type: 'Error', name: value.name, detail: value.message };
  }
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

function record(object, prefix, names) {
  for (const name of names) {
    object[`on${name}`] = (...args) => {
      events.push({ name: prefix + name, args: args.map(toData) });
    };
  }
}

function countFrames() {
  video.requestVideoFrameCallback(() => {
    frames++;
    countFrames();
  });
}

function listen(stream) {
  context = new AudioContext();
  analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(stream).connect(analyser);
}

function show(stream) {
  video.srcObject = stream;
  if (stream.getAudioTracks().length > 0) {
    listen(stream);
  }
}

/* @mbr: what the client's choice of renditions goes by; nothing for none */
window.play = (params, mbr) => {
  session = new Player(WSController);
  record(session, '', ['Stop', 'Playing', 'State', 'Data']);
  session.onMetadata = (description) => {
    events.push({ name: 'Metadata', args: [describe(description)] });
  };
  session.onStart = (stream) => {
    events.push({ name: 'Start', args: [toData(stream)] });
    show(stream);
  };
  countFrames();
  session.start(params, mbr);
};

window.getVideos = () => (session.metadata?.videos ?? [])
  .map(({ idx, width, maxbps }) => ({ idx, width, maxbps }));
window.getAudios = () => (session.metadata?.audios ?? [])
  .map(({ idx }) => idx);
window.setVideoTrack = (index) => { session.videoTrack = index; };
window.setAudioTrack = (index) => { session.audioTrack = index; };
window.setDataTracks = (indexes) => { session.dataTracks = indexes; };

/* The signalling alone */
window.control = (params) => {
  session = new WSController(params);
  record(session, '', ['Open', 'Close']);
};

function describe(description) {
  return {
    type: description.type,
    width: description.width,
    height: description.height,
    tracks: [...description.tracks.values()].map((track) => ({
      idx: track.idx, type: track.type, codec: track.codec, maxbps: track.maxbps,
    })),
  };
}

/* The metadata channel alone */
window.watchMetadata = (params) => {
  metadata = new StreamMetadata(params);
  record(metadata, 'Metadata', ['Close', 'State']);
  metadata.onMetadata = (description) => {
    events.push({ name: 'MetadataDescription', args: [describe(description)] });
  };
};

window.publish = async (params, constraints, abr) => {
  const stream = await navigator.mediaDevices.getUserMedia(constraints);

  session = new Streamer(WSController);
  record(session, '',
    ['Start', 'Stop', 'VideoBitrate', 'MediaReport', 'RTPProps']);
  session.start(stream, params, abr);
};

window.setRTPProps = (nack, drop) => session.setRTPProps(nack, drop);
window.setVideoBitrate = (bitrate) => { session.videoBitrate = bitrate; };
window.stop = () => {
  session?.stop?.();
  metadata?.close();
};

/* The client of this version has no call to take the camera away; the page
 * does it where such a call would. */
let taken = null;
window.setVideo = async (on) => {
  const sender = connections.at(-1).getSenders()
    .find((one) => (one.track ?? taken)?.kind === 'video');

  if (!on) {
    taken = sender.track;
  }
  await sender.replaceTrack(on ? taken : null);
};

/* The colours at a share of the picture's width, two thirds up: the bars */
window.sampleColours = (shares) => {
  const canvas = document.createElement('canvas');
  const painter = canvas.getContext('2d');

  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  painter.drawImage(video, 0, 0);

  return shares.map((share) => {
    const x = Math.round(share * canvas.width);
    const y = Math.round(canvas.height / 3);

    return [...painter.getImageData(x, y, 1, 1).data].slice(0, 3);
  });
};

/* How loud it is, and the strongest frequency */
window.measureTone = () => {
  const samples = new Float32Array(analyser.fftSize);
  const bins = new Float32Array(analyser.frequencyBinCount);
  const binWidth = context.sampleRate / analyser.fftSize;

  analyser.getFloatTimeDomainData(samples);
  analyser.getFloatFrequencyData(bins);

  return {
    rms: Math.hypot(...samples) / Math.sqrt(samples.length),
    frequency: bins.indexOf(Math.max(...bins)) * binWidth,
  };
};

window.getState = async () => {
  const infos = session ? await session.connectionInfos().catch(() => null)
    : null;
  const stats = [];

  for (const connection of connections) {
    if (connection.connectionState !== 'closed') {
      stats.push(...(await connection.getStats()).values());
    }
  }

  return {
    events,
    frames,
    width: video.videoWidth,
    height: video.videoHeight,
    infos: toData(infos),
    stats: toData(stats),
  };
};

window.ready = true;
