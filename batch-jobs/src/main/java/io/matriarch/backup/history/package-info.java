/** What the server remembers of its jobs: the batch runtime's own tables, read, reconciled at boot and purged by rule. */
@NullMarked
package io.matriarch.backup.history;

import org.jspecify.annotations.NullMarked;
