export * from './checkers/history.ts';
