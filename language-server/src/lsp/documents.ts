/** Documents whose texts are read anew only around what has changed in them. */
import type { Specification } from '@dsys/grammar';
import {
  type AstNode,
  type Cancellation,
  DefaultLangiumDocumentFactory,
  type LangiumSharedCoreServices,
  type ParseResult,
  type URI,
} from 'langium';
import { reparse } from '../parsing/reparse.ts';

export class DsysDocumentFactory extends DefaultLangiumDocumentFactory {
  private readonly documents: () => LangiumSharedCoreServices['workspace']['LangiumDocuments'];

  constructor(services: LangiumSharedCoreServices) {
    super(services);
    this.documents = () => services.workspace.LangiumDocuments;
  }

  /** Langium puts the answer in the place of what the document had before, so that may be used up. */
  protected override parseAsync<T extends AstNode>(
    uri: URI,
    text: string,
    token: Cancellation.CancellationToken,
  ): Promise<ParseResult<T>> {
    const before = this.documents().getDocument(uri)?.parseResult as ParseResult<Specification> | undefined;
    const parse = (part: string) => this.parse<Specification>(uri, part);
    const found = before && reparse(before, text, parse);
    return found ? Promise.resolve(found as unknown as ParseResult<T>) : super.parseAsync(uri, text, token);
  }
}
