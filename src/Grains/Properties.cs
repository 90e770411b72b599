using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Cli")]
[assembly: InternalsVisibleTo("Admission.Dashboard")]
[assembly: InternalsVisibleTo("Admission.Dashboard.Tests")]
[assembly: InternalsVisibleTo("Admission.Frontend")]
[assembly: InternalsVisibleTo("Admission.Frontend.Tests")]
[assembly: InternalsVisibleTo("Admission.Grains.Tests")]
[assembly: InternalsVisibleTo("Admission.Security")]
[assembly: InternalsVisibleTo("Admission.Security.Tests")]
[assembly: InternalsVisibleTo("Admission.Silo")]
[assembly: InternalsVisibleTo("Admission.Silo.Tests")]
[assembly: InternalsVisibleTo("Admission.Telemetry")]
[assembly: InternalsVisibleTo("Admission.Telemetry.Tests")]
