-- What insights ask for most, as columns of their own. The computed ones also hold for events stored before: they are then
-- worked out while reading.
--
-- page      where a visit was: the path of its address, or "screen:" and the screen's name; empty for all else
-- element   which element was seen, hovered over or clicked; empty for all else
-- dwell     how long a hover took, in ms
-- unusual   the threshold (ms) that a hover longer than usual was judged by when it arrived; 0 for all else
ALTER TABLE events ADD COLUMN IF NOT EXISTS page String MATERIALIZED multiIf(
    action = 'screen.view', concat('screen:', JSONExtractString(params, 'name')),
    action != 'page.visit', '',
    path(JSONExtractString(params, 'url')) != '', path(JSONExtractString(params, 'url')),
    position(JSONExtractString(params, 'url'), '://') > 0, '/',
    concat('/', cutQueryStringAndFragment(JSONExtractString(params, 'url')))
) CODEC(ZSTD);
ALTER TABLE events ADD COLUMN IF NOT EXISTS element String MATERIALIZED
    if(startsWith(action, 'element.'), JSONExtractString(params, 'element'), '') CODEC(ZSTD);
ALTER TABLE events ADD COLUMN IF NOT EXISTS dwell Float64 MATERIALIZED
    if(action = 'element.hover', JSONExtractFloat(params, 'duration'), 0) CODEC(ZSTD);
ALTER TABLE events ADD COLUMN IF NOT EXISTS unusual UInt32 DEFAULT 0 CODEC(ZSTD)
