// Measures how many leases are taken and given back a second, each on disk before it is answered, and leaves the result where bench/Report finds it.
using Admission.Leases.Bench;

(await LeasesPart.MeasureAsync()).Write();
