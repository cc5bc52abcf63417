// Keeps what is shown up to date: by /v1/events, and by asking every 5 s for what no event tells
// (ages, counters) and while there is no stream.
const ASK_MS = 5000;
const LEAST_MS = 1000;     // between two askings, whatever comes
const REOPEN_MS = 15000;   // after the stream was refused

export class Live {
  // `refresh`: an async function that shows all anew. `say(state, text)`: "live", "asks" or "lost".
  constructor(refresh, say) {
    this.refresh = refresh;
    this.say = say;
    this.stream = null;
    this.trouble = 'connecting';
    this.last = 0;
    this.cost = 0;
    this.timer = 0;
    this.due = Infinity;
    this.echo = false;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.rest() : this.start()));
  }

  start() {
    this.open();
    this.soon(0);
  }

  // A hidden page takes no reader's place, of which the dispatcher has eight, and none of the
  // browser's six connections.
  rest() {
    this.close();
    clearTimeout(this.timer);
    clearTimeout(this.reopen);
    this.due = Infinity;
  }

  close() {
    this.stream?.close();
    this.stream = null;
  }

  open() {
    this.close();
    clearTimeout(this.reopen);
    const stream = new EventSource('/v1/events');
    this.stream = stream;
    stream.onopen = () => {
      this.trouble = '';
      this.soon(0);
    };
    stream.addEventListener('decision', () => {
      this.echo = true;
      this.soon(150);
    });
    stream.onerror = () => {
      if (stream.readyState === EventSource.CLOSED) {
        this.trouble = 'the stream was refused (eight readers at most)';
        this.reopen = setTimeout(() => this.open(), REOPEN_MS);
      } else {
        this.trouble = 'the stream was cut';
      }
      this.tell();
    };
  }

  // Asks `ms` from now, or as soon after that as it may.
  soon(ms) {
    const now = performance.now();
    const at = Math.max(now + ms, this.last + Math.max(LEAST_MS, 10 * this.cost));
    if (at < this.due) {
      this.due = at;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), at - now);
    }
  }

  // Now: it is due, or the reader wants to see something else.
  async ask() {
    clearTimeout(this.timer);
    this.due = Infinity;
    const echo = this.echo;  // what a decision leads to may be written only after this
    this.echo = false;
    const began = performance.now();
    this.last = began;
    try {
      await this.refresh();
      this.lost = '';
    } catch (error) {
      this.lost = error.message;
    }
    this.cost = performance.now() - began;
    this.tell();
    if (!document.hidden) {
      this.soon(echo ? LEAST_MS : ASK_MS);
    }
  }

  tell() {
    if (this.lost) {
      this.say('lost', `${this.lost}; asks every 5 s`);
    } else if (this.trouble) {
      this.say('asks', `${this.trouble}; asks every 5 s`);
    } else {
      this.say('live', 'live');
    }
  }
}

// The JSON at that path. Errors are sentences.
export async function get(path) {
  let answer;
  try {
    answer = await fetch(path, {cache: 'no-store', signal: AbortSignal.timeout(10000)});
  } catch {
    throw new Error('the dispatcher does not answer');
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = new Error(body.error ?? `${path}: status ${answer.status}`);
    error.status = answer.status;
    throw error;
  }
  return body;
}
