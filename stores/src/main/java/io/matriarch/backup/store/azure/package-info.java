/** Repositories in Azure Blob Storage; the only package that knows Microsoft's SDK. */
@NullMarked
package io.matriarch.backup.store.azure;

import org.jspecify.annotations.NullMarked;
