using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Cli")]
[assembly: InternalsVisibleTo("Admission.Frontend")]
[assembly: InternalsVisibleTo("Admission.Frontend.Tests")]
[assembly: InternalsVisibleTo("Admission.Jobs.Tests")]
[assembly: InternalsVisibleTo("Admission.Jobs.Bench")]
[assembly: InternalsVisibleTo("Admission.Telemetry.Tests")]
[assembly: InternalsVisibleTo("Admission.Dashboard")]
[assembly: InternalsVisibleTo("Admission.Dashboard.Tests")]
