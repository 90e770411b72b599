using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Dashboard.Tests")]
