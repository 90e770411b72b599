// Measures what the dashboard's feed costs a gateway with 1,000 backends, and leaves the result where bench/Report finds it.
using Admission.Feed.Bench;

(await FeedPart.MeasureAsync()).Write();
