using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Capacity.Tests")]
[assembly: InternalsVisibleTo("Admission.Client")]
