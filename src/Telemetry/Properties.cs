using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Frontend")]
[assembly: InternalsVisibleTo("Admission.Silo")]
[assembly: InternalsVisibleTo("Admission.Telemetry.Tests")]
