using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Grains.Tests")]
