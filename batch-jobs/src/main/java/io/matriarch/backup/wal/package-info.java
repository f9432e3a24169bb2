/** WAL in a repository: how it is laid out there, what it proves, and which moments can be reached with it. */
@NullMarked
package io.matriarch.backup.wal;

import org.jspecify.annotations.NullMarked;
