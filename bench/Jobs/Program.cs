// Measures how many jobs are stored a second, each on disk before it is answered, and leaves the result where bench/Report finds it.
using Admission.Jobs.Bench;

(await JobsPart.MeasureAsync()).Write();
