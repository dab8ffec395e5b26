console.log('dsys is not built yet');
