/** The job {@code base-backup}: a copy of the whole cluster, taken while it serves. */
@NullMarked
package io.matriarch.backup.base;

import org.jspecify.annotations.NullMarked;
