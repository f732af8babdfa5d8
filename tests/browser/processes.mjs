// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What runs beside the browser: the server, publishers and players by
// gst-launch-1.0, and the files of the page. Each ends with its test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { createInterface } from 'node:readline';

import { bundle } from './commonjs.mjs';
import { check, say, waitFor } from './tap.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };
const BUNDLES = '/commonjs/';
const KILL_AFTER_MS = 5000;

/* A program and the lines that it says */
export class Program {
  constructor(name, args) {
    this.lines = [];
    this.child = spawn(name, args, { stdio: 'pipe' });
    this.over = once(this.child, 'exit').then(() => { this.ended = true; });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream })
        .on('line', (line) => this.lines.push(line));
    }
  }

  count(pattern) {
    return this.lines.filter((line) => pattern.test(line)).length;
  }

  async waitLine(pattern) {
    return waitFor(() => {
      const line = this.lines.find((one) => pattern.test(one));

      check(line || !this.ended,
        `ended early:\n${this.lines.slice(-10).join('\n')}`);
      return line;
    }, pattern);
  }

  tell(line) {
    this.child.stdin.write(`${line}\n`);
  }

  async stop() {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), KILL_AFTER_MS);

    this.child.kill('SIGTERM');
    await this.over;
    clearTimeout(timer);
  }
}

export async function startServer(path, args = []) {
  const server = new Program(path, ['--port', '0', ...args]);
  const line = await server.waitLine(/^listening on /);

  server.uri = line.replace('listening on ', '');

  return server;
}

/* A bad network in front of the server: `run(SCRIPT)` sets its conditions. */
export async function startRelay(path) {
  const relay = new Program(path, []);
  const line = await relay.waitLine(/^relay on /);

  relay.address = line.replace('relay on ', '');
  relay.run = (script) => relay.tell(`run ${script}`);

  return relay;
}

/* The test card and a tone, each in the codec named, or none */
export function startPublisher(uri, {
  video, audio, bitrate = 1000000, width = 640, height = 360, tone = 440,
  encoder = [],
} = {}) {
  const args = ['-q'];

  if (video) {
    args.push('videotestsrc', 'is-live=true', 'pattern=smpte', '!',
      `video/x-raw,width=${width},height=${height},framerate=30/1`, '!',
      ...encoder, 's.video');
  }
  if (audio) {
    args.push('audiotestsrc', 'is-live=true', `freq=${tone}`, 'volume=0.5', '!',
      'audio/x-raw,channels=2', '!', 's.audio');
  }
  args.push('wsctlsink', 'name=s', `uri=${uri}`);
  if (video) {
    args.push(`video-caps=${video}`, `video-bitrate=${bitrate}`);
  }
  if (audio) {
    args.push(`audio-caps=${audio}`);
  }

  return new Program('gst-launch-1.0', args);
}

/* Each decoded buffer is a line; `count(FRAME)` counts them. */
export const FRAME = /video-sink: last-message = chain/;
export const SOUND = /audio-sink: last-message = chain/;

export function startPlayer(uri, { audio = false } = {}) {
  const args = ['-v', 'wsctlsrc', 'name=s', `uri=${uri}`, 's.', '!', 'queue',
    '!', 'videoconvert', '!', 'video/x-raw,format=I420', '!', 'fakesink',
    'name=video-sink', 'silent=false', 'sync=false'];

  if (audio) {
    args.push('s.', '!', 'queue', '!', 'audioconvert', '!', 'fakesink',
      'name=audio-sink', 'silent=false', 'sync=false');
  }

  return new Program('gst-launch-1.0', args);
}

/* The page and the packages that it imports, on a port that is free */
export async function servePage(folder) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://page').pathname)
      .replace(/^\/modules\//, '/node_modules/');
    const isBundle = path.startsWith(BUNDLES);

    try {
      const body = isBundle ? await bundle(folder, path.slice(BUNDLES.length))
        : await readFile(join(folder, path));

      response.setHeader('Content-Type',
        isBundle ? TYPES['.js']
          : TYPES[extname(path)] ?? 'application/octet-stream');
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    uri: `http://127.0.0.1:${server.address().port}/page.html`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/* Runs @func with what @start gives, and stops that in any case; its last words
 * are said when the test fails. */
export async function using(start, func) {
  const program = await start;

  try {
    return await func(program);
  } catch (error) {
    if (program.lines) {
      say(`${program.child.spawnargs.join(' ')}\n${
        program.lines.slice(-10).join('\n')}`);
    }
    throw error;
  } finally {
    await program.stop();
  }
}
