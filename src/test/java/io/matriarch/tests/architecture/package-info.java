/** What never imports what, and how a source file may look. */
@NullMarked
package io.matriarch.tests.architecture;

import org.jspecify.annotations.NullMarked;
