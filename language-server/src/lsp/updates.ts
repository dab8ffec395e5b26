/** How changes of files reach the documents that are kept, and what happens to those of files that are closed. */
import { DefaultDocumentBuilder, DefaultServiceRegistry, DocumentState, type LangiumDocument, type URI } from 'langium';
import { DefaultDocumentUpdateHandler, type LangiumSharedServices } from 'langium/lsp';
import { CancellationToken } from 'vscode-languageserver';

/**
 * A buffer that was never saved has its language from the editor alone. Once it is closed its document is still there until
 * the next update has taken it away, and that update asks for the services of all documents.
 */
export class DsysServiceRegistry extends DefaultServiceRegistry {
  private readonly documents: () => LangiumSharedServices['workspace']['LangiumDocuments'];

  constructor(services: LangiumSharedServices) {
    super(services);
    this.documents = () => services.workspace.LangiumDocuments;
  }

  override getServices(uri: URI): ReturnType<DefaultServiceRegistry['getServices']> {
    const [only] = this.all;
    return only !== undefined && this.documents().hasDocument(uri) ? only : super.getServices(uri);
  }
}

/**
 * A document that has been validated is complete, and the next build passes it over: whoever shows its diagnostics has to
 * hear of it, even if another change has cancelled the build meanwhile. Otherwise of two files that are opened one right
 * after the other the first one could stay without any.
 */
export class DsysDocumentBuilder extends DefaultDocumentBuilder {
  protected override notifyDocumentPhase(
    document: LangiumDocument,
    state: DocumentState,
    token: CancellationToken,
  ): Promise<void> {
    return super.notifyDocumentPhase(
      document,
      state,
      state === DocumentState.Validated ? CancellationToken.None : token,
    );
  }
}

/** Says why a change could not be built: nobody waits for it, so the error would end the server. */
export class DsysDocumentUpdateHandler extends DefaultDocumentUpdateHandler {
  private readonly tell: (message: string) => void;

  constructor(services: LangiumSharedServices) {
    super(services);
    this.tell = message => services.lsp.Connection?.console.error(message);
  }

  protected override fireDocumentUpdate(changed: URI[], deleted: URI[]): void {
    const update = async () => {
      await this.workspaceManager.ready;
      await this.workspaceLock.write(token => this.documentBuilder.update(changed, deleted, token));
    };
    update().catch((error: Error) =>
      this.tell(`after a change of ${[...changed, ...deleted].join(', ')}: ${error.stack ?? error.message}`),
    );
  }
}
