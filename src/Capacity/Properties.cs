using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Capacity.Tests")]
