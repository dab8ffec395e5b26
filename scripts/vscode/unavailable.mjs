// What cannot be had on this machine, and what people can do about it: such an error skips a suite, any other one fails it.

export const unavailable = (what, remedy) => Object.assign(new Error(`${what}\n  ${remedy}`), { what, remedy });

export const isUnavailable = error => error?.remedy !== undefined;
