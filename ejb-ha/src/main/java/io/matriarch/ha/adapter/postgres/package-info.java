/** The local PostgreSQL and its leader's: JDBC, files and PostgreSQL's own programs. Holds no policy. */
@NullMarked
package io.matriarch.ha.adapter.postgres;

import org.jspecify.annotations.NullMarked;
