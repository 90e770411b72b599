using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Cli")]
[assembly: InternalsVisibleTo("Admission.Cli.Tests")]
[assembly: InternalsVisibleTo("Admission.Frontend.Tests")]
[assembly: InternalsVisibleTo("Admission.Telemetry.Tests")]
