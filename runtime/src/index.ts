/** The embedded runtime: execute a design under faults, check what clients saw, explain what broke. */
export * from './checkers/history.ts';
export type { Design } from './design/design.ts';
export { type Obstacle, obstacles } from './run/executable.ts';
export { type Executed, execute, type RunOptions } from './run/execute.ts';
export type { Judged } from './run/judge.ts';
export { outcomeOf, type RunReport, type RunResult, runScenario, type ScenarioRunOptions } from './run/report.ts';
export { runTest, type TestReport } from './run/test.ts';
