// Package earth measures how far countries are from a place.
//
// In: shapes.bin, which tools/data makes of Natural Earth's countries and embeds here: borders as lines that neighbours share, which lines
// bound which territory, islands too small for the map as discs, and how far every two territories are apart. Steps: Open decodes the lines
// into unit vectors, once, when somebody asks; From walks every line once. Out: kilometres from one place, or from one territory, to every
// territory of ISO 3166-1 and to Kosovo (XK).
//
// Distances are exact great circles on a sphere, 0 inside a territory. The map is not exact: see Generalised and Flattening. Who is drawn
// where is a matter of fact for signals and of law for nobody: an area that two states claim belongs to both here, so that a distance
// never excludes either.
package earth
