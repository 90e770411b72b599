using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Silo.Tests")]
[assembly: InternalsVisibleTo("Admission.Telemetry.Tests")]
