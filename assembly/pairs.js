// The loops of a wide build. V8 makes one operation of 256 bits of two of 128, where they are the same and load and store side by side. So a
// loop that is marked `//@pairs` works there on two vectors in each pass, and one by one on what is left:
//
//   //@pairs                                                        while (x + 16 < end) {
//   while (x < end) {                                                 const a = v128.load(x), a$ = v128.load(x, 16);
//     const a = v128.load(x);                                  ──►    v128.store(y, f32x4.sqrt(a)); v128.store(y, f32x4.sqrt(a$), 16);
//     v128.store(y, f32x4.sqrt(a));                                   x += 32; y += 32;
//     x += 16; y += 16;                                             }
//   }                                                               while (x < end) { … as it was }
//
// Each statement that gives a vector stands twice there, one after the other; the steps of the loop double. A marked loop reads and
// writes its vectors with v128.load, v128.store and add (float4.ts), and nothing that one pass stores is read by the next. One over
// `lanes` floats, 4 or 1, with loadLanes and storeLanes, has pairs where they are 4.
// `//@pairs always` is for the usual build, too: sums that wait for their own additions are faster two at a time.

/** The source with each marked loop preceded by its loop of pairs; only those marked `always`, where the build is not wide. */
export function withPairs(source, wide) {
  let out = '', at = 0;
  for (const { index } of source.matchAll(wide ? /^ *\/\/@pairs(?: always)?\n/gm : /^ *\/\/@pairs always\n/gm)) {
    const start = source.indexOf('\n', index) + 1, headerEnd = closing(source, source.indexOf('(', start)) + 1, end = endOfStatement(source, headerEnd);
    const loop = /^ *(?:while \(([^]*)\)|for \(([^;]*);([^;]*);([^;]*)\))$/.exec(source.slice(start, headerEnd));
    if (!loop) throw new Error(`//@pairs needs a loop, got: ${source.slice(start, headerEnd)}`);
    const [, whileRoom, first = '', room = whileRoom, step = ''] = loop, body = source.slice(headerEnd, end);
    const pairs = `for (; ${roomForTwo(ofFour(room))}; ${twice(ofFour(step))})${paired(ofFour(body), new Set(), 0)}`;
    out += `${source.slice(at, start)}{ ${first}; ${/\blanes\b/.test(room) ? 'if (lanes == 4) ' : ''}${pairs} for (;${room};${step})${body} }`;
    at = end;
  }
  return out + source.slice(at);
}

/** A loop over `lanes` floats, for 4 of them. */
function ofFour(text) {
  return text.replaceAll('loadLanes(lanes, ', 'v128.load(').replaceAll('storeLanes(lanes, ', 'v128.store(').replace(/\blanes\b/g, '4');
}

function roomForTwo(room) {
  const both = room.replace(/(\w+) < (\w+)$/, '$1 + 16 < $2').replace('+ 4 <=', '+ 8 <=');
  if (both === room) throw new Error(`//@pairs needs a loop while "at < end" or "c + 4 <= channels", got: ${room}`);
  return both;
}

function twice(step) { return step.replace(/(\w+ \+=) (\d+)$/, (_, add, size) => `${add} ${2 * size}`); }

/** Statements, `depth` blocks within the loop; `vectors`: names of those that are declared. */
function paired(text, vectors, depth) {
  let out = '', at = 0;
  while (at < text.length) {
    const blank = /(?:\s|\/\/.*\n)*(else\b)?\s*/y;
    blank.lastIndex = at;
    const [skipped, otherwise] = blank.exec(text);
    out += skipped;
    at = blank.lastIndex;
    if (at === text.length) return out;
    if (otherwise && !/^(?:\{|if \()/.test(text.slice(at))) {
      const end = endOfStatement(text, at);
      out += `{ ${paired(text.slice(at, end), new Set(vectors), depth + 1)} }`;
      at = end;
    } else if (text[at] === '{') {
      const end = closing(text, at);
      out += `{${paired(text.slice(at + 1, end), new Set(vectors), depth + 1)}}`;
      at = end + 1;
    } else if (/^(?:for|if|while) \(/.test(text.slice(at))) {
      const end = closing(text, text.indexOf('(', at)) + 1, body = endOfStatement(text, end);
      out += `${text.slice(at, end)} {${paired(text.slice(end, body), new Set(vectors), depth + 1)} }`;
      at = body;
    } else {
      const end = endOfStatement(text, at);
      out += pairedStatement(text.slice(at, end - 1), vectors, depth);
      at = end;
    }
  }
  return out;
}

function pairedStatement(statement, vectors, depth) {
  const declaration = /^(const|let) ([^]*)$/.exec(statement);
  if (declaration) {
    const names = split(declaration[2]).flatMap((each) => {
      const [name, value] = each.split(/ = ([^]*)/);
      if (!isVector(value, vectors)) return [each];
      const high = `${name}$ = ${highOf(value, vectors)}`;
      vectors.add(name);
      return [each, high];
    });
    return `${declaration[1]} ${names.join(', ')};`;
  }
  const store = /^(v128\.store|add)\(([^]*)\)$/.exec(statement);
  if (store) {
    const [to, value, offset = '0'] = split(store[2]), sum = store[1] === 'add' ? `f32x4.add(v128.load(${to}), ${value})` : value;
    return `{ const low$ = ${sum}, high$ = ${highOf(sum, vectors)}; v128.store(${to}, low$, ${offset}); v128.store(${to}, high$, ${offset} + 16); }`;
  }
  const [name, value] = statement.split(/ = ([^]*)/);
  if (vectors.has(name)) return `${statement}; ${name}$ = ${highOf(value, vectors)};`;
  if (isVector(statement, vectors)) throw new Error(`//@pairs cannot make two of: ${statement}`);
  return `${depth === 1 ? twice(statement) : statement};`;
}

function isVector(value, vectors) {
  return /\b(?:v128|f32x4|i32x4)\./.test(value) || (value.match(/\w+/g) ?? []).some((name) => vectors.has(name));
}

/** The value for the second vector: loads are 16 bytes further, and vectors are replaced by their second ones. */
function highOf(value, vectors) {
  const renamed = value.replace(/(?<![\w.$])[A-Za-z]\w*(?![\w$])/g, (name) => (vectors.has(name) ? `${name}$` : name));
  let out = '', at = 0;
  for (let load; (load = renamed.indexOf('v128.load(', at)) >= 0; ) {
    const open = load + 'v128.load'.length, end = closing(renamed, open), [from, offset = '0'] = split(renamed.slice(open + 1, end));
    out += `${renamed.slice(at, load)}v128.load(${from}, ${offset} + 16)`;
    at = end + 1;
  }
  return out + renamed.slice(at);
}

/** Where the bracket at `open` closes. */
function closing(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if ('({['.includes(text[at])) depth++;
    else if (')}]'.includes(text[at]) && --depth === 0) return at;
  }
  throw new Error(`a bracket is never closed: ${text.slice(open, open + 60)}`);
}

/** The end of the block, the loop or the simple statement that begins at `at`. */
function endOfStatement(text, at) {
  const start = at + text.slice(at).search(/\S/);
  if (text[start] === '{') return closing(text, start) + 1;
  if (/^(?:for|if|while) \(/.test(text.slice(start))) return endOfStatement(text, closing(text, text.indexOf('(', start)) + 1);
  for (let i = start; i < text.length; i++) {
    if (text[i] === ';') return i + 1;
    if ('({['.includes(text[i])) i = closing(text, i);
  }
  throw new Error(`a statement never ends: ${text.slice(start, start + 60)}`);
}

/** At the commas that are in no brackets. */
function split(list) {
  const parts = [];
  let from = 0;
  for (let at = 0; at < list.length; at++) {
    if ('({['.includes(list[at])) at = closing(list, at);
    else if (list[at] === ',') { parts.push(list.slice(from, at)); from = at + 1; }
  }
  return [...parts, list.slice(from)].map((part) => part.trim());
}
