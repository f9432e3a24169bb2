/** Tests inside the provisioned server: what only the real container can prove. */
@NullMarked
package io.matriarch.tests.container;

import org.jspecify.annotations.NullMarked;
