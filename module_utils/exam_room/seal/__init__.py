"""The seal (V7): what was collected as a bag with manifests, and the site's signature over it."""
