// Elements made of data, and an old tree made like a new one. Text only ever becomes a text
// node: nothing here reads HTML.
const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false && child !== '') {
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
  }
  return element;
}

// h('a', {href}, 'text', [more]): attributes that are null or false, and such children, are left out.
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function same(have, wanted) {
  return have.nodeName === wanted.nodeName && have.dataset?.key === wanted.dataset?.key;
}

// `open` is the reader's own choice once an element stands.
function morphAttributes(have, wanted) {
  for (const {name} of [...have.attributes]) {
    if (name !== 'open' && !wanted.hasAttribute(name)) {
      have.removeAttribute(name);
    }
  }
  for (const {name, value} of [...wanted.attributes]) {
    if (name !== 'open' && have.getAttribute(name) !== value) {
      have.setAttribute(name, value);
    }
  }
}

// Makes what `have` holds equal to what `wanted` holds. What stays the same element keeps focus,
// selection and scroll; elements with data-key are recognised by it, others by their place.
export function morph(have, wanted) {
  const children = [...wanted.childNodes];
  const keys = new Set(children.map((child) => child.dataset?.key).filter(Boolean));
  const keyed = new Map();
  for (const child of [...have.childNodes]) {
    const key = child.dataset?.key;
    if (key && !keys.has(key)) {
      child.remove();
    } else if (key) {
      keyed.set(key, child);
    }
  }
  let at = have.firstChild;
  for (const child of children) {
    const key = child.dataset?.key;
    const found = key ? keyed.get(key) : at;
    if (!found || !same(found, child)) {
      have.insertBefore(child, at);
      continue;
    }
    if (found === at) {
      at = at.nextSibling;
    } else {
      have.insertBefore(found, at);
    }
    if (found.nodeType === Node.ELEMENT_NODE) {
      morphAttributes(found, child);
      morph(found, child);
    } else if (found.nodeValue !== child.nodeValue) {
      found.nodeValue = child.nodeValue;
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
