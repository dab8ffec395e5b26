import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, pageOf } from '../webview-page.ts';
import { candidatesOf, segmentsOf } from './source-paths.ts';

describe('names of texts in traces', () => {
  it.each([
    ['samples/a.dsys', ['samples', 'a.dsys']],
    ['./a.dsys', ['a.dsys']],
    ['/home/me/a.dsys', ['home', 'me', 'a.dsys']],
    ['file:///home/me/my%20design.dsys', ['home', 'me', 'my design.dsys']],
    ['C:\\designs\\a.dsys', ['C:', 'designs', 'a.dsys']],
  ])('%s is a path', (name, expected) => expect(segmentsOf(name)).toEqual(expected));

  it.each([
    '../../etc/passwd',
    '/etc/passwd',
    'a/../../b.dsys',
    'a\0.dsys',
    'file:///%2e%2e/x.dsys',
    '',
    'command://x?a.dsys',
    'file:///%E0.dsys',
  ])('%s is refused', name => expect(segmentsOf(name)).toBeUndefined());

  it('are looked for in what the person has opened, and beside the trace only by their last part', () => {
    const roots = [['home', 'me', 'code']];
    const paths = (name: string, beside?: string[]) => candidatesOf(name, roots, beside).map(path => path.join('/'));
    expect(paths('samples/a.dsys')).toEqual(['home/me/code/samples/a.dsys', 'home/me/code/a.dsys']);
    expect(paths('/home/me/code/x/a.dsys')[0]).toBe('home/me/code/x/a.dsys');
    for (const path of paths('/home/other/secret.dsys', ['tmp'])) expect(path).toMatch(/^(home\/me\/code|tmp)\//);
    expect(paths('/home/other/secret.dsys', ['tmp'])).toContain('tmp/secret.dsys');
    expect(paths('/etc/passwd', ['tmp'])).toEqual([]);
  });
});

describe('the page', () => {
  it('allows one script by its nonce, and nothing inline', () => {
    const policy = contentSecurityPolicy('abc', 'https://files.example');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'nonce-abc'");
    expect(policy).not.toMatch(/unsafe|connect-src|\*/);
    const page = pageOf({
      title: 'dsys',
      nonce: 'abc',
      cspSource: 'https://files.example',
      script: 's.js',
      style: 's.css',
    });
    expect(page).toContain(policy);
    expect(page.match(/<script/g)).toEqual(['<script']);
    expect(page).not.toMatch(/style=|onload=|<style/);
  });
});
