/** Where backups and WAL are kept, readable without Matriarch. */
@NullMarked
package io.matriarch.backup.repository;

import org.jspecify.annotations.NullMarked;
