using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Client.Tests")]
[assembly: InternalsVisibleTo("Admission.Frontend")]
[assembly: InternalsVisibleTo("Admission.Telemetry.Tests")]
